-- Rights inside one service's database. Run by a superuser in that database; a copy made from a template has them.

ALTER SCHEMA public OWNER TO conveyor_${service}_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO conveyor_${service}_app;

-- The service changes rows, never definitions; tables that only grow take UPDATE and DELETE back in their migration.
ALTER DEFAULT PRIVILEGES FOR ROLE conveyor_${service}_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO conveyor_${service}_app;
ALTER DEFAULT PRIVILEGES FOR ROLE conveyor_${service}_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO conveyor_${service}_app;
