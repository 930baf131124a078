-- Rights of one service's database, given outside of it: who may enter. A database made from a template does not
-- inherit these, so they are applied to every copy too. Run by a superuser in any database of the server.

REVOKE ALL ON DATABASE ${database} FROM PUBLIC;
GRANT CONNECT ON DATABASE ${database} TO conveyor_${service}_migrator, conveyor_${service}_app;

-- Migrations act as the owner, so that what they make belongs to it and the default privileges apply.
ALTER ROLE conveyor_${service}_migrator IN DATABASE ${database} SET role = 'conveyor_${service}_owner';
