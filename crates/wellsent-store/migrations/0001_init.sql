-- The schema of both engines. SQLite gets it with BIGINT and BOOLEAN read as INTEGER, BYTEA as BLOB, and every table STRICT and WITHOUT ROWID.
-- Instants are microseconds since the epoch in UTC. Ids are sixteen bytes. A column that ends in _sealed holds ciphertext, one that ends
-- in _idx a keyed blind index. Every table that belongs to a practice says so in practice_id.

CREATE TABLE practice (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name TEXT NOT NULL,
    text_name TEXT NOT NULL CHECK (length(text_name) BETWEEN 1 AND 40),
    call_back TEXT NOT NULL,
    zone TEXT NOT NULL,
    part2 BOOLEAN NOT NULL,
    wrapped_dek BYTEA NOT NULL,
    sending TEXT NOT NULL CHECK (sending IN ('on', 'off', 'restored')),
    window_opens BIGINT NOT NULL CHECK (window_opens BETWEEN 0 AND 1439),
    window_closes BIGINT NOT NULL CHECK (window_closes BETWEEN 1 AND 1440),
    texts_per_day_max BIGINT NOT NULL CHECK (texts_per_day_max > 0),
    texts_per_week_max BIGINT NOT NULL CHECK (texts_per_week_max > 0),
    parts_max BIGINT NOT NULL CHECK (parts_max BETWEEN 1 AND 10),
    verification_days BIGINT NOT NULL CHECK (verification_days > 0),
    recheck_days BIGINT NOT NULL CHECK (recheck_days > 0),
    page_factor TEXT NOT NULL CHECK (page_factor IN ('code', 'birth_date')),
    confirm_opt_in BOOLEAN NOT NULL,
    clinical_texts BOOLEAN NOT NULL,
    auto_replies_per_hour_max BIGINT NOT NULL CHECK (auto_replies_per_hour_max > 0),
    conversation_hours BIGINT NOT NULL CHECK (conversation_hours > 0),
    reassigned_check_days BIGINT,
    majority_years BIGINT NOT NULL CHECK (majority_years BETWEEN 18 AND 21),
    created_at BIGINT NOT NULL
);

CREATE TABLE location (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    practice_id BYTEA NOT NULL REFERENCES practice (id),
    source_id TEXT NOT NULL,
    name TEXT NOT NULL,
    text_name TEXT,
    zone TEXT NOT NULL,
    UNIQUE (practice_id, source_id)
);

CREATE TABLE visit_type (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    practice_id BYTEA NOT NULL REFERENCES practice (id),
    name TEXT NOT NULL,
    sensitive BOOLEAN NOT NULL,
    UNIQUE (practice_id, name)
);

CREATE TABLE sender (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    practice_id BYTEA NOT NULL REFERENCES practice (id),
    carrier TEXT NOT NULL,
    address TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('long_code', 'toll_free', 'short_code', 'messaging_service', 'smpp', 'simulated')),
    registration TEXT NOT NULL CHECK (registration IN ('approved', 'pending', 'unregistered')),
    campaign TEXT,
    brand TEXT,
    parts_per_minute BIGINT NOT NULL CHECK (parts_per_minute > 0),
    parts_per_day_max BIGINT CHECK (parts_per_day_max >= 0),
    rank BIGINT NOT NULL,
    -- Up to when the carrier's log of received texts was read.
    received_until BIGINT,
    UNIQUE (carrier, address),
    CHECK (parts_per_day_max IS NULL OR brand IS NOT NULL)
);

-- Parts that a brand has sent on a day of the carriers, which begins at midnight Pacific time.
CREATE TABLE brand_day (
    practice_id BYTEA NOT NULL REFERENCES practice (id),
    brand TEXT NOT NULL,
    day TEXT NOT NULL,
    parts BIGINT NOT NULL CHECK (parts >= 0),
    PRIMARY KEY (practice_id, brand, day)
);

CREATE TABLE agreement (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    practice_id BYTEA NOT NULL REFERENCES practice (id),
    carrier TEXT NOT NULL,
    party TEXT NOT NULL,
    from_day TEXT NOT NULL,
    until_day TEXT,
    ended_at BIGINT,
    services TEXT NOT NULL,
    -- The account at the carrier that was marked for it.
    account TEXT,
    file_digest BYTEA CHECK (length(file_digest) = 32),
    recorded_at BIGINT NOT NULL,
    -- How near its end staff was told that it is: 0 far, 1 soon, 2 over.
    told BIGINT NOT NULL CHECK (told BETWEEN 0 AND 2)
);

CREATE TABLE person (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    practice_id BYTEA NOT NULL REFERENCES practice (id),
    record_idx BYTEA CHECK (length(record_idx) = 16),
    record_sealed BYTEA,
    name_sealed BYTEA NOT NULL,
    birth_idx BYTEA CHECK (length(birth_idx) = 16),
    birth_sealed BYTEA,
    language TEXT NOT NULL CHECK (language IN ('en', 'es')),
    zone TEXT,
    standing TEXT NOT NULL CHECK (standing IN ('active', 'inactive', 'deceased')),
    sensitive BOOLEAN NOT NULL,
    has_directives BOOLEAN NOT NULL,
    source_digest BYTEA,
    created_at BIGINT NOT NULL,
    UNIQUE (practice_id, record_idx)
);
CREATE INDEX person_recent ON person (practice_id, created_at);
CREATE INDEX person_birth ON person (practice_id, birth_idx);

CREATE TABLE person_name_prefix (
    practice_id BYTEA NOT NULL,
    prefix_idx BYTEA NOT NULL CHECK (length(prefix_idx) = 16),
    person_id BYTEA NOT NULL REFERENCES person (id),
    PRIMARY KEY (practice_id, prefix_idx, person_id)
);

CREATE INDEX person_name_prefix_person ON person_name_prefix (person_id);

-- One row a number of a practice. It is the row on which a revocation and a claim meet: the claim reads it FOR SHARE.
CREATE TABLE number (
    practice_id BYTEA NOT NULL REFERENCES practice (id),
    number_idx BYTEA NOT NULL CHECK (length(number_idx) = 16),
    suppression_id BYTEA,
    suppressed_at BIGINT,
    suppressed_by TEXT,
    disputed_at BIGINT,
    unrouted_inbound BIGINT NOT NULL CHECK (unrouted_inbound >= 0),
    last_inbound_at BIGINT,
    -- The sender over which the number was last reached, or to which it last wrote.
    sender_id BYTEA REFERENCES sender (id),
    people BIGINT NOT NULL CHECK (people >= 0),
    reassigned TEXT NOT NULL CHECK (reassigned IN ('unchecked', 'no', 'yes', 'no_data')),
    reassigned_checked_at BIGINT,
    line TEXT NOT NULL CHECK (line IN ('unknown', 'mobile', 'landline', 'voip', 'toll_free')),
    line_checked_at BIGINT,
    auto_hour_began_at BIGINT NOT NULL,
    auto_replies BIGINT NOT NULL,
    PRIMARY KEY (practice_id, number_idx),
    CHECK ((suppression_id IS NULL) = (suppressed_at IS NULL))
);

CREATE INDEX number_inbound ON number (practice_id, last_inbound_at) WHERE last_inbound_at IS NOT NULL;

CREATE TABLE contact_point (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    practice_id BYTEA NOT NULL,
    person_id BYTEA NOT NULL REFERENCES person (id),
    number_idx BYTEA NOT NULL,
    number_sealed BYTEA NOT NULL,
    area_code BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('live', 'disputed', 'invalid', 'not_textable', 'replaced')),
    obtained TEXT NOT NULL CHECK (obtained IN ('patient', 'proxy', 'record', 'third_party')),
    verified_at BIGINT,
    confirmed_at BIGINT,
    resumed_at BIGINT,
    warning TEXT NOT NULL CHECK (warning IN ('not_shown', 'shown', 'accepted', 'withdrawn')),
    warning_at BIGINT,
    warning_by BYTEA,
    -- What was said for the number before this instant does not count any more: the person had another one in between.
    voided_at BIGINT,
    reached TEXT NOT NULL CHECK (reached IN ('own', 'mature_minor', 'proxy')),
    proxy_authority TEXT CHECK (proxy_authority IN ('parent', 'guardian', 'legal', 'agreed')),
    proxy_from TEXT,
    proxy_until TEXT,
    proxy_clinical BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (practice_id, number_idx, person_id),
    FOREIGN KEY (practice_id, number_idx) REFERENCES number (practice_id, number_idx),
    CHECK ((reached = 'proxy') = (proxy_authority IS NOT NULL))
);
CREATE INDEX contact_point_person ON contact_point (person_id);

-- The wordings that patients were shown, word for word. An event names one by its digest.
CREATE TABLE consent_wording (
    practice_id BYTEA NOT NULL REFERENCES practice (id),
    digest BYTEA NOT NULL CHECK (length(digest) = 32),
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    language TEXT NOT NULL CHECK (language IN ('en', 'es')),
    body TEXT NOT NULL,
    first_shown_at BIGINT NOT NULL,
    PRIMARY KEY (practice_id, digest)
);

-- What shows an act of consent: a signature, a scanned form, a reference to a paper file.
CREATE TABLE evidence (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    practice_id BYTEA NOT NULL REFERENCES practice (id),
    person_id BYTEA NOT NULL REFERENCES person (id),
    kind TEXT NOT NULL CHECK (kind IN ('signature', 'scan', 'reference')),
    media_type TEXT NOT NULL,
    body_sealed BYTEA NOT NULL,
    digest BYTEA NOT NULL CHECK (length(digest) = 32),
    at BIGINT NOT NULL,
    actor TEXT NOT NULL
);
CREATE INDEX evidence_person ON evidence (person_id);

-- What was said and done about consent, in order; nothing here is ever changed. What stands can be computed from it for any instant.
CREATE TABLE consent_event (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    practice_id BYTEA NOT NULL REFERENCES practice (id),
    person_id BYTEA NOT NULL REFERENCES person (id),
    -- NULL where the act is about the person, whatever the number.
    contact_point_id BYTEA REFERENCES contact_point (id),
    act TEXT NOT NULL,
    category TEXT,
    written BOOLEAN NOT NULL,
    confirmed BOOLEAN NOT NULL,
    directive TEXT,
    opens BIGINT,
    closes BIGINT,
    -- The event that this one ends.
    ends_id BYTEA,
    until_day TEXT,
    channel TEXT NOT NULL,
    wording_digest BYTEA,
    language TEXT,
    evidence_id BYTEA REFERENCES evidence (id),
    actor TEXT NOT NULL,
    at BIGINT NOT NULL,
    CHECK ((act IN ('granted', 'revoked', 'confirmed')) = (category IS NOT NULL)),
    CHECK ((act = 'directed') = (directive IS NOT NULL)),
    CHECK ((act IN ('directive_ended', 'authorization_ended')) = (ends_id IS NOT NULL))
);
CREATE INDEX consent_event_person ON consent_event (person_id, at);

-- How each consent stands, drawn from the events. A withdrawn one stays as a row, so that withdrawal and claim meet at it.
CREATE TABLE consent (
    contact_point_id BYTEA NOT NULL REFERENCES contact_point (id),
    category TEXT NOT NULL CHECK (category IN ('appointments', 'care', 'billing', 'surveys', 'marketing')),
    practice_id BYTEA NOT NULL,
    stands BOOLEAN NOT NULL,
    event_id BYTEA NOT NULL REFERENCES consent_event (id),
    granted_at BIGINT NOT NULL,
    written BOOLEAN NOT NULL,
    confirmed_at BIGINT,
    changed_at BIGINT NOT NULL,
    changed_by BYTEA NOT NULL,
    PRIMARY KEY (contact_point_id, category)
);

-- A directive has the id of the event that recorded it.
CREATE TABLE directive (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    practice_id BYTEA NOT NULL,
    person_id BYTEA NOT NULL REFERENCES person (id),
    contact_point_id BYTEA REFERENCES contact_point (id),
    kind TEXT NOT NULL CHECK (kind IN ('never_text', 'not_this_number', 'only_between', 'nothing_clinical')),
    opens BIGINT,
    closes BIGINT,
    recorded_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX directive_person ON directive (person_id);

-- A marketing authorization has the id of the event that recorded it. What it says is sealed.
CREATE TABLE marketing_authorization (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    practice_id BYTEA NOT NULL,
    person_id BYTEA NOT NULL REFERENCES person (id),
    form_sealed BYTEA NOT NULL,
    signed_at BIGINT NOT NULL,
    until_day TEXT,
    ended_at BIGINT
);
CREATE INDEX marketing_authorization_person ON marketing_authorization (person_id);

-- One-time codes, as keyed digests.
CREATE TABLE verification_code (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    practice_id BYTEA NOT NULL,
    person_id BYTEA NOT NULL REFERENCES person (id),
    contact_point_id BYTEA NOT NULL REFERENCES contact_point (id),
    number_idx BYTEA NOT NULL,
    page_id BYTEA,
    digest BYTEA NOT NULL CHECK (length(digest) = 32),
    request_id BYTEA NOT NULL,
    -- The carrier account whose verification service makes and checks the code; NULL where it goes as a text of ours.
    service TEXT,
    asked_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    tries BIGINT NOT NULL CHECK (tries >= 0),
    used_at BIGINT
);
CREATE INDEX verification_code_number ON verification_code (practice_id, number_idx, asked_at);
CREATE UNIQUE INDEX verification_code_request ON verification_code (practice_id, request_id);

-- Guesses at codes, counted by number and across codes (N-04).
CREATE TABLE code_guess (
    practice_id BYTEA NOT NULL,
    number_idx BYTEA NOT NULL,
    hour_began_at BIGINT NOT NULL,
    codes_in_hour BIGINT NOT NULL,
    failures_in_hour BIGINT NOT NULL,
    failures_in_a_row BIGINT NOT NULL,
    PRIMARY KEY (practice_id, number_idx)
);

-- Guesses at birth dates, counted by patient and across pages.
CREATE TABLE birth_date_guess (
    practice_id BYTEA NOT NULL,
    person_id BYTEA NOT NULL REFERENCES person (id),
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (practice_id, person_id)
);

-- Pages behind a link. The link itself is nowhere.
CREATE TABLE secure_page (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    practice_id BYTEA NOT NULL,
    person_id BYTEA NOT NULL REFERENCES person (id),
    contact_point_id BYTEA NOT NULL REFERENCES contact_point (id),
    message_id BYTEA,
    kind TEXT NOT NULL CHECK (kind IN ('message', 'preferences', 'check_in')),
    factor TEXT NOT NULL CHECK (factor IN ('code', 'birth_date', 'desk')),
    language TEXT NOT NULL CHECK (language IN ('en', 'es')),
    body_sealed BYTEA,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    read_at BIGINT,
    done_at BIGINT,
    tries BIGINT NOT NULL CHECK (tries >= 0)
);
CREATE INDEX secure_page_person ON secure_page (person_id, made_at);
CREATE INDEX secure_page_message ON secure_page (message_id) WHERE message_id IS NOT NULL;

-- From the digest of a link, of a code read out at the desk, or of an opened page's cookie to the page. It is read before it is known which
-- practice is meant, and holds nothing about anybody.
CREATE TABLE page_key (
    digest BYTEA NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    kind TEXT NOT NULL CHECK (kind IN ('link', 'desk', 'session')),
    practice_id BYTEA NOT NULL,
    page_id BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX page_key_page ON page_key (page_id);

-- The opt-out journal. It only grows, and it outlives the people (H-30).
CREATE TABLE suppression (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    practice_id BYTEA NOT NULL,
    number_idx BYTEA NOT NULL,
    at BIGINT NOT NULL,
    channel TEXT NOT NULL,
    inbound_id BYTEA,
    actor TEXT NOT NULL
);
CREATE INDEX suppression_number ON suppression (practice_id, number_idx);

CREATE TABLE appointment (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    practice_id BYTEA NOT NULL REFERENCES practice (id),
    source_idx BYTEA NOT NULL CHECK (length(source_idx) = 16),
    source_sealed BYTEA NOT NULL,
    person_id BYTEA NOT NULL REFERENCES person (id),
    location_id BYTEA NOT NULL REFERENCES location (id),
    visit_type_id BYTEA NOT NULL REFERENCES visit_type (id),
    starts_at BIGINT NOT NULL,
    starts_local TEXT NOT NULL,
    zone TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('booked', 'arrived', 'completed', 'cancelled', 'no_show')),
    version BIGINT NOT NULL CHECK (version > 0),
    known_at BIGINT NOT NULL,
    answer TEXT CHECK (answer IN ('confirmed', 'wants_reschedule', 'declined')),
    answered_at BIGINT,
    source_digest BYTEA,
    UNIQUE (practice_id, source_idx)
);
CREATE INDEX appointment_start ON appointment (practice_id, starts_at);
CREATE INDEX appointment_person ON appointment (person_id, starts_at);

CREATE TABLE reminder_rule (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    practice_id BYTEA NOT NULL REFERENCES practice (id),
    location_id BYTEA REFERENCES location (id),
    visit_type_id BYTEA REFERENCES visit_type (id),
    lead_kind TEXT NOT NULL CHECK (lead_kind IN ('days_at', 'days', 'minutes')),
    lead_days BIGINT NOT NULL CHECK (lead_days BETWEEN 0 AND 365),
    lead_minutes BIGINT NOT NULL CHECK (lead_minutes BETWEEN 0 AND 525600),
    template TEXT NOT NULL,
    template_for_several TEXT NOT NULL,
    useful_minutes BIGINT NOT NULL CHECK (useful_minutes > 0),
    not_within_minutes BIGINT NOT NULL CHECK (not_within_minutes >= 0),
    enabled BOOLEAN NOT NULL
);

-- Wordings that a practice wrote itself. A built-in template of the same name is replaced by them.
CREATE TABLE template (
    practice_id BYTEA NOT NULL REFERENCES practice (id),
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    tier TEXT NOT NULL CHECK (tier IN ('T0', 'T1', 'T2')),
    kind TEXT NOT NULL,
    neutral_twin TEXT,
    wording_en TEXT NOT NULL,
    wording_es TEXT,
    saved_at BIGINT NOT NULL,
    saved_by TEXT NOT NULL,
    PRIMARY KEY (practice_id, name, version)
);

-- Numbers whose reminders have to be planned again.
CREATE TABLE plan_queue (
    practice_id BYTEA NOT NULL,
    number_idx BYTEA NOT NULL,
    marked_at BIGINT NOT NULL,
    PRIMARY KEY (practice_id, number_idx)
);

CREATE TABLE message (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    practice_id BYTEA NOT NULL REFERENCES practice (id),
    person_id BYTEA REFERENCES person (id),
    contact_point_id BYTEA REFERENCES contact_point (id),
    number_idx BYTEA NOT NULL CHECK (length(number_idx) = 16),
    occurrence BYTEA NOT NULL CHECK (length(occurrence) = 16),
    programme TEXT NOT NULL,
    category TEXT NOT NULL,
    purpose TEXT NOT NULL,
    origin TEXT NOT NULL,
    origin_id BYTEA,
    origin_at BIGINT,
    rule_id BYTEA,
    template TEXT NOT NULL,
    language TEXT NOT NULL CHECK (language IN ('en', 'es')),
    text_sealed BYTEA,
    -- Values for the template that are known only to whoever asked for the text: a code, a link. Forgotten when the text has left.
    values_sealed BYTEA,
    number_sealed BYTEA,
    due_at BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    useful_until BIGINT NOT NULL,
    urgent BOOLEAN NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('planned', 'review', 'submitting', 'submitted', 'unknown', 'delivered', 'undelivered', 'failed', 'refused', 'withdrawn')),
    state_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    released_at BIGINT,
    counted BOOLEAN NOT NULL,
    body_sealed BYTEA,
    rendering TEXT,
    tier TEXT,
    prompt TEXT,
    created_at BIGINT NOT NULL,
    UNIQUE (practice_id, occurrence)
);
CREATE INDEX message_due ON message (practice_id, next_at) WHERE state = 'planned';
CREATE INDEX message_open ON message (practice_id, state_at) WHERE state IN ('submitting', 'unknown', 'review');
CREATE INDEX message_changed ON message (practice_id, state_at) WHERE state NOT IN ('planned', 'submitting');
CREATE INDEX message_number ON message (practice_id, number_idx, released_at);
CREATE INDEX message_person ON message (person_id, created_at);

CREATE TABLE message_visit (
    message_id BYTEA NOT NULL REFERENCES message (id),
    ordinal BIGINT NOT NULL,
    practice_id BYTEA NOT NULL,
    appointment_id BYTEA NOT NULL REFERENCES appointment (id),
    version BIGINT NOT NULL,
    PRIMARY KEY (message_id, ordinal)
);
CREATE INDEX message_visit_appointment ON message_visit (appointment_id);

CREATE TABLE ruling (
    message_id BYTEA NOT NULL REFERENCES message (id),
    id BYTEA NOT NULL CHECK (length(id) = 16),
    practice_id BYTEA NOT NULL,
    at BIGINT NOT NULL,
    ruling TEXT NOT NULL CHECK (ruling IN ('release', 'hold', 'review', 'refuse')),
    until BIGINT,
    reasons TEXT NOT NULL,
    rendering TEXT,
    tier TEXT,
    basis TEXT,
    basis_id BYTEA,
    facts_sealed BYTEA NOT NULL,
    facts_digest BYTEA NOT NULL CHECK (length(facts_digest) = 32),
    ledger_batch BYTEA NOT NULL,
    ledger_slot BIGINT NOT NULL,
    PRIMARY KEY (message_id, id),
    -- No text without something that allows it (T-00).
    CHECK (ruling <> 'release' OR (basis IS NOT NULL AND (basis_id IS NOT NULL OR basis = 'conversation')))
);

CREATE TABLE attempt (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    practice_id BYTEA NOT NULL,
    message_id BYTEA NOT NULL REFERENCES message (id),
    n BIGINT NOT NULL CHECK (n > 0),
    token BYTEA NOT NULL CHECK (length(token) = 16),
    sender_id BYTEA NOT NULL REFERENCES sender (id),
    state TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'rejected', 'not_submitted', 'unknown', 'absent')),
    started_at BIGINT NOT NULL,
    deadline_at BIGINT NOT NULL,
    valid_until BIGINT NOT NULL,
    closed_at BIGINT,
    checked_at BIGINT,
    checks BIGINT NOT NULL,
    carrier_message_id TEXT,
    failure TEXT,
    -- The carrier's own code for a rejection; for one that did not get there, or that nobody knows of, why.
    code TEXT,
    dup_risk BOOLEAN NOT NULL,
    parts BIGINT NOT NULL CHECK (parts > 0),
    -- The day of the brand that its parts were counted on.
    brand_day TEXT,
    UNIQUE (message_id, n)
);
CREATE UNIQUE INDEX attempt_token ON attempt (token);
CREATE INDEX attempt_carrier ON attempt (sender_id, carrier_message_id);
CREATE INDEX attempt_open ON attempt (practice_id, deadline_at) WHERE state = 'open';
CREATE INDEX attempt_unknown ON attempt (practice_id, started_at) WHERE state = 'unknown';

CREATE TABLE receipt (
    sender_id BYTEA NOT NULL REFERENCES sender (id),
    event_key BYTEA NOT NULL CHECK (length(event_key) = 32),
    practice_id BYTEA NOT NULL,
    attempt_id BYTEA,
    carrier_message_id TEXT NOT NULL,
    status TEXT NOT NULL,
    failure TEXT,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (sender_id, event_key)
);
CREATE INDEX receipt_attempt ON receipt (attempt_id);
CREATE INDEX receipt_parked ON receipt (sender_id, carrier_message_id) WHERE attempt_id IS NULL;

CREATE TABLE inbound (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    practice_id BYTEA NOT NULL,
    sender_id BYTEA NOT NULL REFERENCES sender (id),
    event_key BYTEA NOT NULL CHECK (length(event_key) = 32),
    number_idx BYTEA NOT NULL,
    number_sealed BYTEA NOT NULL,
    body_sealed BYTEA NOT NULL,
    opt_out TEXT,
    -- Written on a page behind a link instead of texted: then it is known who wrote it.
    page_id BYTEA,
    -- Fetched from the carrier's log, because its callback was lost.
    late BOOLEAN NOT NULL,
    received_at BIGINT NOT NULL,
    routed_at BIGINT,
    person_id BYTEA,
    meaning TEXT,
    UNIQUE (sender_id, event_key)
);
CREATE INDEX inbound_unrouted ON inbound (practice_id, received_at) WHERE routed_at IS NULL;
CREATE INDEX inbound_number ON inbound (practice_id, number_idx, received_at);

-- Texts that carriers have yet to forget, and those that they have forgotten.
CREATE TABLE erasure (
    sender_id BYTEA NOT NULL REFERENCES sender (id),
    carrier_message_id TEXT NOT NULL,
    practice_id BYTEA NOT NULL,
    queued_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    tries BIGINT NOT NULL CHECK (tries >= 0),
    ended_at BIGINT,
    forgotten BOOLEAN,
    PRIMARY KEY (sender_id, carrier_message_id),
    CHECK ((ended_at IS NULL) = (forgotten IS NULL))
);
CREATE INDEX erasure_due ON erasure (practice_id, due_at) WHERE ended_at IS NULL;

CREATE TABLE task (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    practice_id BYTEA NOT NULL,
    kind TEXT NOT NULL,
    person_id BYTEA,
    appointment_id BYTEA,
    message_id BYTEA,
    inbound_id BYTEA,
    created_at BIGINT NOT NULL,
    done_at BIGINT,
    done_by BYTEA
);
CREATE INDEX task_open ON task (practice_id, created_at) WHERE done_at IS NULL;
CREATE INDEX task_done ON task (practice_id, done_at) WHERE done_at IS NOT NULL;

CREATE TABLE staff (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    practice_id BYTEA NOT NULL REFERENCES practice (id),
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('front_desk', 'clinician', 'manager')),
    created_at BIGINT NOT NULL,
    disabled_at BIGINT
);

CREATE TABLE sign_in_link (
    digest BYTEA NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    practice_id BYTEA NOT NULL,
    staff_id BYTEA NOT NULL REFERENCES staff (id),
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

CREATE TABLE session (
    digest BYTEA NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    id BYTEA NOT NULL,
    practice_id BYTEA NOT NULL,
    staff_id BYTEA NOT NULL REFERENCES staff (id),
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    ended_at BIGINT
);

-- The ledger. A transaction leaves its entries in a batch; the sequencer gives them their places and empties the batch.
CREATE TABLE ledger_batch (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    at BIGINT NOT NULL,
    count BIGINT NOT NULL CHECK (count > 0),
    entries BYTEA,
    first_index BIGINT,
    CHECK ((entries IS NULL) <> (first_index IS NULL))
);
CREATE INDEX ledger_batch_pending ON ledger_batch (id) WHERE first_index IS NULL;

CREATE TABLE ledger_bundle (
    idx BIGINT NOT NULL PRIMARY KEY,
    entries BYTEA NOT NULL
);

CREATE TABLE ledger_tile (
    level BIGINT NOT NULL,
    idx BIGINT NOT NULL,
    hashes BYTEA NOT NULL,
    PRIMARY KEY (level, idx)
);

CREATE TABLE ledger_state (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    size BIGINT NOT NULL,
    frontier BYTEA NOT NULL
);

CREATE TABLE ledger_checkpoint (
    size BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    note TEXT NOT NULL
);

-- Who does the work that only one node may do, by the database's clock; the fence grows with every new holder.
CREATE TABLE lease (
    name TEXT NOT NULL PRIMARY KEY,
    holder BYTEA NOT NULL,
    fence BIGINT NOT NULL,
    until_at BIGINT NOT NULL
);

CREATE TABLE installation (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    id BYTEA NOT NULL,
    origin TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    demo_offset BIGINT NOT NULL
);

CREATE TABLE import_run (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    practice_id BYTEA NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    at BIGINT NOT NULL,
    rows_read BIGINT NOT NULL,
    added BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    unchanged BIGINT NOT NULL,
    rejected BIGINT NOT NULL
);

-- Answers to requests that carried an idempotency key, so that a repeated request changes nothing.
CREATE TABLE idempotency (
    practice_id BYTEA NOT NULL,
    key_digest BYTEA NOT NULL CHECK (length(key_digest) = 32),
    request_digest BYTEA NOT NULL CHECK (length(request_digest) = 32),
    result_id BYTEA NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (practice_id, key_digest)
);

-- Programs of the practice's own that send texts through the API of a well-known carrier.
CREATE TABLE application (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    practice_id BYTEA NOT NULL REFERENCES practice (id),
    name TEXT NOT NULL,
    account_sid TEXT NOT NULL UNIQUE,
    service_sid TEXT NOT NULL,
    category TEXT NOT NULL CHECK (category IN ('appointments', 'care', 'billing', 'surveys', 'marketing')),
    purpose TEXT NOT NULL CHECK (purpose IN ('treatment', 'payment', 'operations', 'marketing')),
    inbound_url TEXT,
    status_url TEXT,
    requests_per_minute BIGINT NOT NULL CHECK (requests_per_minute > 0),
    created_at BIGINT NOT NULL,
    disabled_at BIGINT
);
CREATE INDEX application_practice ON application (practice_id);

-- From the name in a request's credentials, an account's or an API key's, to the application. It is read before it is known which practice is
-- meant, and holds nothing about anybody.
CREATE TABLE application_name (
    name TEXT NOT NULL PRIMARY KEY,
    practice_id BYTEA NOT NULL,
    application_id BYTEA NOT NULL
);

CREATE TABLE application_host (
    application_id BYTEA NOT NULL REFERENCES application (id),
    host TEXT NOT NULL,
    practice_id BYTEA NOT NULL,
    PRIMARY KEY (application_id, host)
);

CREATE TABLE application_sender (
    application_id BYTEA NOT NULL REFERENCES application (id),
    sender_id BYTEA NOT NULL REFERENCES sender (id),
    practice_id BYTEA NOT NULL,
    PRIMARY KEY (application_id, sender_id)
);
CREATE INDEX application_sender_sender ON application_sender (sender_id);

-- Secrets of applications as keyed digests. A token is kept sealed as well, because calls to the application are signed with it.
CREATE TABLE application_secret (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    practice_id BYTEA NOT NULL,
    application_id BYTEA NOT NULL REFERENCES application (id),
    kind TEXT NOT NULL CHECK (kind IN ('token', 'next_token', 'key')),
    name TEXT NOT NULL,
    digest BYTEA NOT NULL CHECK (length(digest) = 32),
    token_sealed BYTEA,
    made_at BIGINT NOT NULL,
    ended_at BIGINT,
    CHECK (kind <> 'key' OR token_sealed IS NULL)
);
CREATE INDEX application_secret_application ON application_secret (application_id);

-- The texts of an application as it sees them: messages that it asked for, and texts that came to its senders.
CREATE TABLE application_text (
    application_id BYTEA NOT NULL REFERENCES application (id),
    text_id BYTEA NOT NULL CHECK (length(text_id) = 16),
    practice_id BYTEA NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('inbound', 'outbound-api', 'outbound-reply')),
    sender_id BYTEA NOT NULL REFERENCES sender (id),
    by_service BOOLEAN NOT NULL,
    number_idx BYTEA NOT NULL CHECK (length(number_idx) = 16),
    number_sealed BYTEA NOT NULL,
    -- The step that the application was told last; it only goes up.
    step TEXT NOT NULL,
    error_code BIGINT,
    status_url_sealed BYTEA,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    hidden_at BIGINT,
    redacted_at BIGINT,
    PRIMARY KEY (application_id, text_id)
);
CREATE INDEX application_text_text ON application_text (text_id);

-- What applications are to be called about.
CREATE TABLE application_callback (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    practice_id BYTEA NOT NULL,
    application_id BYTEA NOT NULL REFERENCES application (id),
    text_id BYTEA NOT NULL CHECK (length(text_id) = 16),
    kind TEXT NOT NULL CHECK (kind IN ('status', 'inbound')),
    step TEXT NOT NULL,
    error_code BIGINT,
    opt_out TEXT,
    made_at BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    tries BIGINT NOT NULL CHECK (tries >= 0),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'given_up')),
    ended_at BIGINT
);
CREATE INDEX application_callback_due ON application_callback (practice_id, next_at) WHERE state = 'waiting';
CREATE INDEX application_callback_text ON application_callback (application_id, text_id);
