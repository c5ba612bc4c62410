-- What the tables look like after years. Without figures SQLite takes any index that begins with the practice, and there is one practice; with
-- them it takes the small partial indexes for what waits, and walks the order of changes for lists.
ANALYZE;
DELETE FROM sqlite_stat1 WHERE tbl IN ('message', 'attempt', 'task', 'inbound', 'contact_point', 'number', 'erasure');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('message', 'message_due', '2000 2000 1'),
    ('message', 'message_open', '200 200 1'),
    ('message', 'message_changed', '1000000 1000000 2'),
    ('message', 'message_number', '1000000 1000000 20 2'),
    ('message', 'message_person', '1000000 20 1'),
    ('message', 'sqlite_autoindex_message_2', '1000000 1000000 1'),
    ('attempt', 'attempt_open', '200 200 1'),
    ('attempt', 'attempt_unknown', '50 50 1'),
    ('attempt', 'attempt_token', '1000000 1'),
    ('attempt', 'attempt_carrier', '1000000 1000000 1'),
    ('attempt', 'sqlite_autoindex_attempt_2', '1000000 1 1'),
    ('erasure', 'erasure_due', '2000 2000 1'),
    ('task', 'task_open', '200 200 1'),
    ('task', 'task_done', '50000 50000 1'),
    ('inbound', 'inbound_unrouted', '20 20 1'),
    ('inbound', 'inbound_number', '200000 200000 10 1'),
    ('contact_point', 'contact_point_person', '100000 1'),
    ('contact_point', 'sqlite_autoindex_contact_point_2', '100000 100000 2 1'),
    ('number', 'number_inbound', '20000 20000 1');
ANALYZE sqlite_schema;
