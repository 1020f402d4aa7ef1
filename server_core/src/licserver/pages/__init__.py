# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every page of the license server and of the activation center has in common; it knows neither of them.

- ``languages``: which language a browser is answered in, and the texts in it;
- ``rendering``: templates in that language, on one base page with one stylesheet;
- ``bodies``: forms and files, as much as is allowed and no more;
- ``queries``: what an address asks for; ``problems``: a refusal for people;
- ``sessions``: the cookie of who is signed in, and the token without which no form of his counts;
- ``headers``: what every answer tells a browser not to do.

Pages need no JavaScript, and load nothing from elsewhere; ``static/page.js`` makes some of them better.
"""
