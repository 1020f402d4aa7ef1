-- SPDX-FileCopyrightText: 2026 The protect.licensing contributors
-- SPDX-License-Identifier: GPL-3.0-or-later
-- The database of a center of release 0.1.0 (PINs and passwords under a pepper of 32 letters p), as SQLite tells it.
BEGIN TRANSACTION;
CREATE TABLE activations (
	request_id VARCHAR(64) NOT NULL, 
	request_digest VARCHAR(64) NOT NULL, 
	key_number VARCHAR(64) NOT NULL, 
	ordinal INTEGER NOT NULL, 
	pin INTEGER NOT NULL, 
	key_public VARCHAR(64) NOT NULL, 
	facts JSON NOT NULL, 
	company JSON NOT NULL, 
	answer TEXT NOT NULL, 
	activated_at BIGINT NOT NULL, 
	PRIMARY KEY (request_id), 
	UNIQUE (key_number, ordinal), 
	FOREIGN KEY(key_number) REFERENCES keys (key_number), 
	UNIQUE (pin), 
	FOREIGN KEY(pin) REFERENCES pins (pin)
);
INSERT INTO "activations" VALUES('request-of-the-released-center-1','3247d0c52a3839c884c160aa3def0eb5fc7e4490cac5914c1992e1dee6901b7b','100-0001',1,3,'nD5ArVUzRtgWjAUJ4D9GZx7-Nz2s9a5daRmNTUlYDjM','{"disk": {"source": "serial", "digest": "d"}, "network": {"source": "device", "digest": "n"}, "system": {"source": "machine-id", "digest": "s"}, "board": {"source": "serial", "digest": "b"}}','{"name": "Branch 1"}','eyJhbGciOiJFZERTQSIsImtpZCI6ImVvdkZJTURCNUJ5MUhMLXJLbzZRT0EiLCJ0eXAiOiJwcm90ZWN0LWxpY2Vuc2UrandzIn0.eyJrZXlfbnVtYmVyIjoiMTAwLTAwMDEiLCJ2ZW5kb3IiOiJWZW5kb3IiLCJwcm9kdWN0IjoicmV0YWlsIiwicHJvZHVjdF9uYW1lIjoiUmV0YWlsIDgiLCJjb3VudGVycyI6W3sibmFtZSI6Im1haW4iLCJ0eXBlIjoic2Vzc2lvbiIsImxpbWl0Ijo1fV0sInJlYWN0aXZhdGlvbiI6InBpbnMiLCJrZXlfcHVibGljIjoibkQ1QXJWVXpSdGdXakFVSjREOUdaeDctTnoyczlhNWRhUm1OVFVsWURqTSIsImZhY3RzIjp7ImRpc2siOnsic291cmNlIjoic2VyaWFsIiwiZGlnZXN0IjoiZCJ9LCJuZXR3b3JrIjp7InNvdXJjZSI6ImRldmljZSIsImRpZ2VzdCI6Im4ifSwic3lzdGVtIjp7InNvdXJjZSI6Im1hY2hpbmUtaWQiLCJkaWdlc3QiOiJzIn0sImJvYXJkIjp7InNvdXJjZSI6InNlcmlhbCIsImRpZ2VzdCI6ImIifX0sInJlcXVlc3RfaWQiOiJyZXF1ZXN0LW9mLXRoZS1yZWxlYXNlZC1jZW50ZXItMSIsImFjdGl2YXRpb24iOjEsImlzc3VlZF9hdCI6MTgwMDAwMDAwMCwiZXhwaXJlc19hdCI6bnVsbCwiY29tcGFueSI6eyJuYW1lIjoiQnJhbmNoIDEifSwicmV2aXNpb24iOjEsInBhY2tzIjpbXX0.it6bYE_pd1vW2U0Mqh1OzlaUXF6Jl9wbcTvC73xQFBzb2drGSzNZuRBgKjWX3umj37_gark25jnkmt3YsvxsBQ',1800000000);
CREATE TABLE history (
	entry INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	event VARCHAR(32) NOT NULL, 
	product VARCHAR(64), 
	key_number VARCHAR(64), 
	pack VARCHAR(64), 
	code VARCHAR(32), 
	request_id VARCHAR(64), 
	PRIMARY KEY (entry)
);
INSERT INTO "history" VALUES(1,1800000000,'product_added','retail',NULL,NULL,NULL,NULL);
INSERT INTO "history" VALUES(2,1800000000,'product_added','virtual',NULL,NULL,NULL,NULL);
INSERT INTO "history" VALUES(3,1800000000,'key_added','retail','100-0001',NULL,NULL,NULL);
INSERT INTO "history" VALUES(4,1800000000,'key_added','virtual','200-0001',NULL,NULL,NULL);
INSERT INTO "history" VALUES(5,1800000000,'pack_added','retail',NULL,'P-1',NULL,NULL);
INSERT INTO "history" VALUES(6,1800000000,'pack_added','retail',NULL,'P-2',NULL,NULL);
INSERT INTO "history" VALUES(7,1800000000,'activated','retail','100-0001',NULL,NULL,'request-of-the-released-center-1');
INSERT INTO "history" VALUES(8,1800000000,'pack_activated','retail','100-0001','P-1',NULL,'pack-request-of-the-released-center');
INSERT INTO "history" VALUES(9,1800000000,'refused',NULL,'100-0001','P-2','wrong_password','G78y5960b6T-Y-yFKSpMcnr8v_SaHtrL');
CREATE TABLE key_counters (
	key_number VARCHAR(64) NOT NULL, 
	position INTEGER NOT NULL, 
	name VARCHAR(64) NOT NULL, 
	type VARCHAR(16) NOT NULL, 
	"limit" INTEGER NOT NULL, 
	PRIMARY KEY (key_number, position), 
	FOREIGN KEY(key_number) REFERENCES keys (key_number)
);
INSERT INTO "key_counters" VALUES('200-0001',0,'tills','computer',2);
CREATE TABLE keys (
	key_number VARCHAR(64) NOT NULL, 
	product VARCHAR(64) NOT NULL, 
	expires_at BIGINT, 
	added_at BIGINT NOT NULL, 
	PRIMARY KEY (key_number), 
	FOREIGN KEY(product) REFERENCES products (product)
);
INSERT INTO "keys" VALUES('100-0001','retail',NULL,1800000000);
INSERT INTO "keys" VALUES('200-0001','virtual',1800086400,1800000000);
CREATE TABLE pack_activations (
	request_id VARCHAR(64) NOT NULL, 
	request_digest VARCHAR(64) NOT NULL, 
	pack VARCHAR(64) NOT NULL, 
	key_number VARCHAR(64) NOT NULL, 
	activation INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	answer TEXT NOT NULL, 
	activated_at BIGINT NOT NULL, 
	PRIMARY KEY (request_id), 
	UNIQUE (key_number, activation, revision), 
	UNIQUE (pack), 
	FOREIGN KEY(pack) REFERENCES packs (pack), 
	FOREIGN KEY(key_number) REFERENCES keys (key_number)
);
INSERT INTO "pack_activations" VALUES('pack-request-of-the-released-center','7c2423dce56f29da4c5896eb996c411e066098c73933aff40663b5cb8ea3a164','P-1','100-0001',1,2,'eyJhbGciOiJFZERTQSIsImtpZCI6ImVvdkZJTURCNUJ5MUhMLXJLbzZRT0EiLCJ0eXAiOiJwcm90ZWN0LWxpY2Vuc2UrandzIn0.eyJrZXlfbnVtYmVyIjoiMTAwLTAwMDEiLCJ2ZW5kb3IiOiJWZW5kb3IiLCJwcm9kdWN0IjoicmV0YWlsIiwicHJvZHVjdF9uYW1lIjoiUmV0YWlsIDgiLCJjb3VudGVycyI6W3sibmFtZSI6Im1haW4iLCJ0eXBlIjoic2Vzc2lvbiIsImxpbWl0Ijo4fV0sInJlYWN0aXZhdGlvbiI6InBpbnMiLCJrZXlfcHVibGljIjoibkQ1QXJWVXpSdGdXakFVSjREOUdaeDctTnoyczlhNWRhUm1OVFVsWURqTSIsImZhY3RzIjp7ImRpc2siOnsic291cmNlIjoic2VyaWFsIiwiZGlnZXN0IjoiZCJ9LCJuZXR3b3JrIjp7InNvdXJjZSI6ImRldmljZSIsImRpZ2VzdCI6Im4ifSwic3lzdGVtIjp7InNvdXJjZSI6Im1hY2hpbmUtaWQiLCJkaWdlc3QiOiJzIn0sImJvYXJkIjp7InNvdXJjZSI6InNlcmlhbCIsImRpZ2VzdCI6ImIifX0sInJlcXVlc3RfaWQiOiJwYWNrLXJlcXVlc3Qtb2YtdGhlLXJlbGVhc2VkLWNlbnRlciIsImFjdGl2YXRpb24iOjEsImlzc3VlZF9hdCI6MTgwMDAwMDAwMCwiZXhwaXJlc19hdCI6bnVsbCwiY29tcGFueSI6eyJuYW1lIjoiQnJhbmNoIDEifSwicmV2aXNpb24iOjIsInBhY2tzIjpbeyJwYWNrIjoiUC0xIiwicmFpc2VzIjpbeyJjb3VudGVyIjoibWFpbiIsImxpY2Vuc2VzIjozfV0sImFjdGl2YXRlZF9hdCI6MTgwMDAwMDAwMH1dfQ.IPHMa24UMjqpoWgvauPMGThqEGwToYkwgqDbaYrGieOcnMGWtVIOmRmOO3y6lieBm0v1KQj-Iw5IR3LHyXSOAA',1800000000);
CREATE TABLE pack_raises (
	pack VARCHAR(64) NOT NULL, 
	position INTEGER NOT NULL, 
	counter VARCHAR(64) NOT NULL, 
	licenses INTEGER NOT NULL, 
	PRIMARY KEY (pack, position), 
	FOREIGN KEY(pack) REFERENCES packs (pack)
);
INSERT INTO "pack_raises" VALUES('P-1',0,'main',3);
INSERT INTO "pack_raises" VALUES('P-2',0,'main',3);
CREATE TABLE packs (
	pack VARCHAR(64) NOT NULL, 
	product VARCHAR(64) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	added_at BIGINT NOT NULL, 
	PRIMARY KEY (pack), 
	FOREIGN KEY(product) REFERENCES products (product)
);
INSERT INTO "packs" VALUES('P-1','retail','12fb190b8b3da93b6d43b43e749274d77f9d76ab69409e93a181635c52dd028e',1800000000);
INSERT INTO "packs" VALUES('P-2','retail','1c57232c0dd2cdc19561fe55140e987545e9950267b3383d4783be58287f6392',1800000000);
CREATE TABLE pins (
	pin INTEGER NOT NULL, 
	key_number VARCHAR(64) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	PRIMARY KEY (pin), 
	UNIQUE (key_number, digest), 
	FOREIGN KEY(key_number) REFERENCES keys (key_number)
);
INSERT INTO "pins" VALUES(1,'100-0001','8902772d9844b7902e9066ff85fc32203298100359cd0808a9212711fde2c9b5');
INSERT INTO "pins" VALUES(2,'100-0001','92e37d1e54ededfb8940b078826c21874f68cd1bc8ba7cbe9d4856be490ee274');
INSERT INTO "pins" VALUES(3,'100-0001','d3f190f5908dabbedc8dce4a904d2386fecbed38c097060b649f4825f4b980d7');
INSERT INTO "pins" VALUES(4,'200-0001','179b417ba799c6961f5da0abc1892eeb85771cad1e34578a7c3ac82babd6ab7b');
CREATE TABLE product_counters (
	product VARCHAR(64) NOT NULL, 
	position INTEGER NOT NULL, 
	name VARCHAR(64) NOT NULL, 
	type VARCHAR(16) NOT NULL, 
	"limit" INTEGER NOT NULL, 
	PRIMARY KEY (product, position), 
	FOREIGN KEY(product) REFERENCES products (product)
);
INSERT INTO "product_counters" VALUES('retail',0,'main','session',5);
INSERT INTO "product_counters" VALUES('virtual',0,'main','session',5);
CREATE TABLE products (
	product VARCHAR(64) NOT NULL, 
	name TEXT NOT NULL, 
	pins INTEGER NOT NULL, 
	reactivation VARCHAR(16) NOT NULL, 
	PRIMARY KEY (product)
);
INSERT INTO "products" VALUES('retail','Retail 8',3,'pins');
INSERT INTO "products" VALUES('virtual','Virtual 8',1,'never');
CREATE INDEX history_by_pack ON history (pack, at);
CREATE INDEX history_by_key ON history (key_number, at);
CREATE INDEX ix_keys_product ON keys (product);
CREATE INDEX ix_packs_product ON packs (product);
COMMIT;
