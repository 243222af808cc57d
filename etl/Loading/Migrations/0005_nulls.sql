-- What a comparison counts by the way in the rows that it reads: {"column": rows in which it is NULL}, out of 'warehouse' rows.
ALTER TABLE quality.reconciliations ADD COLUMN nulls jsonb;   -- NULL: the table was not read
