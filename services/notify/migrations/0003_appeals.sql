-- What follows a decision: the appeal, by when it is to be decided, and how it ended.
ALTER TABLE entry
    ADD COLUMN appealed_at timestamptz,
    ADD COLUMN decide_by timestamptz,
    ADD COLUMN upheld_at timestamptz,
    ADD COLUMN lifted_at timestamptz;
