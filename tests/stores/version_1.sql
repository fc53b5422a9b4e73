BEGIN TRANSACTION;
CREATE TABLE commands (
    command_id TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    rev INTEGER NOT NULL,
    PRIMARY KEY (command_id, actor_id)
) WITHOUT ROWID;
INSERT INTO "commands" VALUES('command-1','user:ada',1);
INSERT INTO "commands" VALUES('command-2','user:ada',2);
INSERT INTO "commands" VALUES('command-3','user:ada',3);
INSERT INTO "commands" VALUES('command-4','user:ada',4);
CREATE TABLE commits (
    rev INTEGER NOT NULL,
    part INTEGER NOT NULL,
    last INTEGER NOT NULL,
    body TEXT NOT NULL,
    checksum BLOB NOT NULL,
    -- of part 0 alone:
    actor_id TEXT,
    actor_name TEXT,
    command_id TEXT,
    at REAL,
    label TEXT,
    undoes INTEGER,
    redoes INTEGER,
    count INTEGER,
    PRIMARY KEY (rev, part)
);
INSERT INTO "commits" VALUES(1,0,1,'{"type":"commit","session_id":"55555555555555555555555555555555","epoch":"e1","rev":1,"command_id":"command-1","client_id":"c1","actor":{"actor_id":"user:ada","name":"Ada"},"at":1001.0,"events":[{"type":"node-created","node_id":"ünö","order":0.0,"properties":{"effort":3}}]}',X'E1D184B59F2E829A99DD27B12D78A706','user:ada','Ada','command-1',1001.0,'',NULL,NULL,1);
INSERT INTO "commits" VALUES(2,0,1,'{"type":"commit","session_id":"55555555555555555555555555555555","epoch":"e1","rev":2,"command_id":"command-2","client_id":"c1","actor":{"actor_id":"user:ada","name":"Ada"},"at":1002.0,"label":"two","events":[{"type":"node-created","node_id":"b","order":1.0},{"type":"node-linked","link_id":"l","source_id":"ünö","target_id":"b"}]}',X'E51943E926002E47C0E8843BB8FCFF17','user:ada','Ada','command-2',1002.0,'two',NULL,NULL,2);
INSERT INTO "commits" VALUES(3,0,1,'{"type":"commit","session_id":"55555555555555555555555555555555","epoch":"e1","rev":3,"command_id":"command-3","client_id":"c1","actor":{"actor_id":"user:ada","name":"Ada"},"at":1003.0,"events":[{"type":"property-changed","property_name":"effort","new_value":4,"old_value":3,"node_id":"ünö"}]}',X'4673B0BEB5A622BFB3033C38F57CC957','user:ada','Ada','command-3',1003.0,'',NULL,NULL,1);
INSERT INTO "commits" VALUES(4,0,1,'{"type":"commit","session_id":"55555555555555555555555555555555","epoch":"e1","rev":4,"command_id":"command-4","client_id":"c1","actor":{"actor_id":"user:ada","name":"Ada"},"at":1004.0,"events":[{"type":"node-unlinked","link_id":"l","source_id":"ünö","target_id":"b"},{"type":"node-deleted","node_id":"b","order":1.0}]}',X'5448CD2501B7118403D43215B90080B8','user:ada','Ada','command-4',1004.0,'',NULL,NULL,2);
CREATE TABLE links (place INTEGER PRIMARY KEY, link_id TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
INSERT INTO "meta" VALUES('blueprint','{}');
INSERT INTO "meta" VALUES('checksum',X'5448CD2501B7118403D43215B90080B8');
INSERT INTO "meta" VALUES('epoch','e1');
INSERT INTO "meta" VALUES('floor',0);
INSERT INTO "meta" VALUES('links',0);
INSERT INTO "meta" VALUES('nodes',1);
INSERT INTO "meta" VALUES('rev',4);
INSERT INTO "meta" VALUES('schema_version',1);
INSERT INTO "meta" VALUES('session_id','55555555555555555555555555555555');
INSERT INTO "meta" VALUES('updated_at',1004.0);
CREATE TABLE nodes (place INTEGER PRIMARY KEY, node_id TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
INSERT INTO "nodes" VALUES(1,'ünö','{"node_id":"ünö","order":0.0,"properties":{"effort":4}}');
CREATE INDEX commits_of_actor ON commits (actor_id, rev) WHERE part = 0;
COMMIT;
