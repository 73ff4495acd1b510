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

-- Whether who reads is appointed to one of some roles now: asked where something is written that only they may.
CREATE OR REPLACE FUNCTION yzt_serves_as(wanted text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $body$
    SELECT current_setting('yzt.reader', true) = 'staff' AND EXISTS (
        SELECT FROM accounts_staffmember own
        WHERE own.account_id::text = current_setting('yzt.actor', true) AND own.is_serving AND own.roles::text[] && wanted
    )
$body$;

-- All below keep what they found in yzt.known until another reader is said: dozens of statements of a request ask. It
-- holds the actor, for a resident the persons, and then what was found, each with a space between.

CREATE OR REPLACE FUNCTION yzt_note(VARIADIC keys uuid[]) RETURNS text LANGUAGE sql AS $body$
    SELECT set_config(
        'yzt.known',
        CASE WHEN starts_with(current_setting('yzt.known', true), current_setting('yzt.actor', true) || ' ')
            THEN current_setting('yzt.known', true) ELSE current_setting('yzt.actor', true) END
        || CASE WHEN length(current_setting('yzt.known', true)) < 1000 -- a page of a list, not a whole city
            THEN ' ' || array_to_string(keys, ' ') ELSE '' END,
        false
    )
$body$;

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
    known := set_config('yzt.known', actor || ' ' || persons::text, false);
    RETURN persons || yzt_registered();
END $body$;

CREATE OR REPLACE FUNCTION yzt_oversees(person uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $body$
DECLARE
    known text;
BEGIN
    IF current_setting('yzt.reader', true) IS DISTINCT FROM 'staff' THEN
        RETURN false;
    END IF;
    -- One after the other: the first nearly always says yes, and together all of them would be set up each time.
    IF EXISTS (SELECT FROM casework_case WHERE casework_case.person_id = person AND yzt_covers(office_path)) THEN
    ELSIF EXISTS (SELECT FROM permits_permit WHERE permits_permit.person_id = person AND yzt_covers(office_path)) THEN
    ELSIF EXISTS (
        SELECT FROM importing_proposal WHERE importing_proposal.person_id = person AND yzt_covers(office_path)
    ) THEN
    ELSIF EXISTS (
        SELECT FROM privacy_correctionrequest asked WHERE asked.person_id = person AND yzt_covers(office_path)
    ) THEN
    ELSIF EXISTS (
        SELECT FROM residence_report report
        WHERE report.person_id = person AND report.state IN ('received', 'disputed') AND yzt_covers(office_path)
    ) THEN
    ELSE
        RETURN person = ANY (yzt_registered());
    END IF;
    known := yzt_note(person);
    RETURN true;
END $body$;

-- What belongs to a case is seen by who sees the case; an officer sees its application and its person then, too. Nothing
-- is kept of a person who is only registered in this transaction: it would outlive that.
CREATE OR REPLACE FUNCTION yzt_sees_case(asked uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $body$
DECLARE
    whole record;
    known text;
BEGIN
    SELECT application_id, person_id, office_path INTO whole FROM casework_case WHERE id = asked;
    IF yzt_covers(whole.office_path) THEN
        known := yzt_note(asked, whole.application_id, whole.person_id);
        RETURN true;
    ELSIF whole.person_id = ANY (yzt_persons()) THEN
        IF strpos(current_setting('yzt.known', true), whole.person_id::text) > 0 THEN
            known := yzt_note(asked);
        END IF;
        RETURN true;
    END IF;
    RETURN false;
END $body$;

CREATE OR REPLACE FUNCTION yzt_sees_application(asked uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $body$
DECLARE
    whole record;
    known text;
BEGIN
    IF current_setting('yzt.reader', true) = 'staff' THEN
        SELECT id, person_id, office_path INTO whole FROM casework_case WHERE application_id = asked;
        IF yzt_covers(whole.office_path) THEN
            known := yzt_note(asked, whole.id, whole.person_id);
            RETURN true;
        END IF;
        -- What this officer fills in at the window has no case yet: a draft of this very transaction, for who stands there.
        RETURN EXISTS (
            SELECT FROM applications_application own
            WHERE own.id = asked AND own.state = 'draft' AND age(own.xmin) <= 0 AND (
                own.person_id = ANY (yzt_registered())
                OR starts_with(current_setting('yzt.known', true), current_setting('yzt.actor', true) || ' ')
                    AND strpos(current_setting('yzt.known', true), own.person_id::text) > 0
            )
        );
    END IF;
    SELECT person_id INTO whole FROM applications_application WHERE id = asked;
    IF whole.person_id = ANY (yzt_persons()) THEN
        IF strpos(current_setting('yzt.known', true), whole.person_id::text) > 0 THEN
            known := yzt_note(asked);
        END IF;
        RETURN true;
    END IF;
    RETURN false;
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

-- Whose account opens a person's records changes in three ways: whoever reads takes over a person without one; a clerk
-- gives one without one a new account at the window; and the deletion of a person, which is the worker's.
CREATE OR REPLACE FUNCTION yzt_keep_account() RETURNS trigger
LANGUAGE plpgsql AS $body$
BEGIN
    IF OLD.account_id IS NOT NULL OR NOT coalesce(
        CASE current_setting('yzt.reader', true)
            WHEN 'resident' THEN NEW.account_id::text = current_setting('yzt.actor', true)
            WHEN 'staff' THEN yzt_serves_as('{clerk}')
        END, false
    ) THEN
        RAISE insufficient_privilege USING MESSAGE = 'the account of a person is not changed here';
    END IF;
    RETURN NEW;
END $body$;

DO $body$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'yzt_keep_account') THEN
        CREATE TRIGGER yzt_keep_account BEFORE UPDATE OF account_id ON people_person FOR EACH ROW
        WHEN (
            OLD.account_id IS DISTINCT FROM NEW.account_id
            AND current_setting('yzt.reader', true) IN ('resident', 'staff', 'reporter', 'partner')
        ) EXECUTE FUNCTION yzt_keep_account();
    END IF;
END $body$;
