-- Row-level security: a second wall behind the scoping of every statement (P8). The application names the practice of each transaction in
-- wellsent.practice; without it no row of any practice is visible. Work that spans practices names '*'.

DO $$
DECLARE
    name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'location', 'visit_type', 'agreement', 'person', 'person_name_prefix', 'number', 'contact_point', 'consent_wording', 'evidence',
        'consent_event', 'consent', 'directive', 'marketing_authorization', 'verification_code', 'code_guess', 'birth_date_guess',
        'secure_page', 'suppression', 'appointment', 'reminder_rule', 'template', 'plan_queue', 'message', 'message_visit', 'ruling',
        'attempt', 'receipt', 'inbound', 'task', 'import_run', 'idempotency',
        'brand_day', 'erasure',
        'application', 'application_host', 'application_sender', 'application_secret', 'application_text', 'application_callback'
    ] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY practice_only ON %I USING (practice_id = decode(nullif(current_setting(''wellsent.practice'', true), ''''), ''hex''))
             WITH CHECK (practice_id = decode(nullif(current_setting(''wellsent.practice'', true), ''''), ''hex''))',
            name
        );
    END LOOP;
END $$;
