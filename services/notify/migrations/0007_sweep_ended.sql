-- A day's drift is noted as it is found; the day is done when its sweep came to the end.
ALTER TABLE sweep ADD COLUMN ended boolean NOT NULL DEFAULT true;
