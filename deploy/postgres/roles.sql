-- The three roles of one service. Applied by conveyor_local/databases.py, which puts in the service's package name
-- and the passwords as literals; run by a superuser in any database of the server, as often as one likes.
--
--   conveyor_<service>_owner     owns everything in the service's database; nobody logs in as it
--   conveyor_<service>_migrator  logs in to migrate; acts as the owner
--   conveyor_<service>_app       the service itself: rows only, no definitions

DO $$do$$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY[
        'conveyor_${service}_owner', 'conveyor_${service}_migrator', 'conveyor_${service}_app'
    ] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        END IF;
    END LOOP;
END
$$do$$;

ALTER ROLE conveyor_${service}_owner NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
ALTER ROLE conveyor_${service}_migrator
    LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD ${migrator_password};
ALTER ROLE conveyor_${service}_app
    LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD ${app_password};
GRANT conveyor_${service}_owner TO conveyor_${service}_migrator WITH INHERIT FALSE, SET TRUE;

-- No session of the service may hang in a transaction for ever.
ALTER ROLE conveyor_${service}_app SET idle_in_transaction_session_timeout = '60s';
