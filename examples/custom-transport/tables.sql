-- A message is claimed while it has an owner, and an owner lives while its connection holds the advisory lock of its number.
CREATE SEQUENCE celeriac_owner AS integer CYCLE;
CREATE TABLE celeriac_message (
  id bigserial PRIMARY KEY, queue text NOT NULL, priority integer NOT NULL, raw bytea NOT NULL,
  claims integer NOT NULL DEFAULT 0, owner integer
);
CREATE INDEX celeriac_waiting ON celeriac_message (queue, priority DESC, id) WHERE owner IS NULL;
CREATE INDEX celeriac_claimed ON celeriac_message (owner) WHERE owner IS NOT NULL;
CREATE TABLE celeriac_binding (queue text, exchange text, key text, pattern text, PRIMARY KEY (queue, exchange, key));
CREATE TABLE celeriac_dead_letter (id text PRIMARY KEY, at bigint NOT NULL, record text NOT NULL);
