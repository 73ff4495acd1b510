-- What the row policies ask. Each runs as the owner of the tables, so that a policy does not ask itself; each gives
-- keys or a yes, never a row. yzt.reader and yzt.actor are said by the database backend.

-- An officer's office and all below it: paths hold the codes from the root. PostgreSQL writes it into the policy.
CREATE OR REPLACE FUNCTION yzt_covers(path varchar) RETURNS boolean LANGUAGE sql STABLE AS $body$
    SELECT current_setting('yzt.reader', true) = 'staff' AND current_setting('yzt.office', true) <> ''
        AND starts_with(path || '.', current_setting('yzt.office', true) || '.')
$body$;

CREATE OR REPLACE FUNCTION yzt_registered() RETURNS uuid[] LANGUAGE sql STABLE AS $body$
    SELECT CASE split_part(current_setting('yzt.registered', true), ' ', 1) WHEN current_setting('yzt.actor', true)
        THEN nullif(split_part(current_setting('yzt.registered', true), ' ', 2), '')::uuid[] ELSE '{}' END
$body$;

-- Both below keep what they found in yzt.known until another reader is said: dozens of statements of a request ask.

CREATE OR REPLACE FUNCTION yzt_persons() RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $body$
DECLARE
    actor text := current_setting('yzt.actor', true);
    known text := current_setting('yzt.known', true);
    persons uuid[];
BEGIN
    IF current_setting('yzt.reader', true) IS DISTINCT FROM 'resident' OR actor = '' THEN
        RETURN '{}';
    END IF;
    IF split_part(known, ' ', 1) = actor THEN
        RETURN split_part(known, ' ', 2)::uuid[] || yzt_registered();
    END IF;
    persons := ARRAY(
        SELECT own.id FROM people_person own WHERE own.account_id = actor::uuid
        UNION ALL
        SELECT held.represented_id FROM people_person own JOIN people_representation held ON held.representative_id = own.id
        WHERE own.account_id = actor::uuid
            AND held.since <= (now() AT TIME ZONE 'Asia/Shanghai')::date
            AND (held.until IS NULL OR held.until > (now() AT TIME ZONE 'Asia/Shanghai')::date)
    );
    PERFORM set_config('yzt.known', actor || ' ' || persons::text, false);
    RETURN persons || yzt_registered();
END $body$;

CREATE OR REPLACE FUNCTION yzt_oversees(person uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $body$
DECLARE
    actor text := current_setting('yzt.actor', true);
    known text := current_setting('yzt.known', true);
BEGIN
    IF current_setting('yzt.reader', true) IS DISTINCT FROM 'staff' THEN
        RETURN false;
    END IF;
    IF split_part(known, ' ', 1) IS DISTINCT FROM actor THEN
        known := actor;
    ELSIF strpos(known, person::text) > 0 THEN
        RETURN true;
    END IF;
    IF EXISTS (SELECT FROM casework_case WHERE casework_case.person_id = person AND yzt_covers(office_path))
        OR EXISTS (SELECT FROM permits_permit WHERE permits_permit.person_id = person AND yzt_covers(office_path))
        OR EXISTS (SELECT FROM importing_proposal proposal WHERE proposal.person_id = person AND yzt_covers(office_path))
        OR EXISTS (SELECT FROM privacy_correctionrequest asked WHERE asked.person_id = person AND yzt_covers(office_path))
        OR EXISTS (
            SELECT FROM privacy_correctionrequest request
            WHERE request.person_id = person AND request.state = 'open' AND yzt_covers(office_path))
    THEN
        IF length(known) < 1000 THEN -- a page of a list, not a whole city
            PERFORM set_config('yzt.known', known || ' ' || person::text, false);
        END IF;
        RETURN true;
    END IF;
    RETURN person = ANY (yzt_registered());
END $body$;

CREATE OR REPLACE FUNCTION yzt_was_asked(person uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $body$
BEGIN
    RETURN EXISTS (
        SELECT FROM permits_permit WHERE person_id = person
            AND number_index = decode(coalesce(current_setting('yzt.asked', true), ''), 'hex')
    );
END $body$;

-- Who registers a person may read it until the transaction ends: a ward whom nobody is said to act for yet, or somebody
-- on an imported list whose permit is not written yet.
CREATE OR REPLACE FUNCTION yzt_note_registered() RETURNS trigger
LANGUAGE plpgsql AS $body$
BEGIN
    PERFORM set_config(
        'yzt.registered', current_setting('yzt.actor', true) || ' ' || (yzt_registered() || NEW.id)::text, true
    );
    RETURN NEW;
END $body$;

DO $body$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'yzt_note_registered') THEN
        CREATE TRIGGER yzt_note_registered BEFORE INSERT ON people_person FOR EACH ROW
        WHEN (current_setting('yzt.reader', true) IN ('resident', 'staff')) EXECUTE FUNCTION yzt_note_registered();
    END IF;
END $body$;
