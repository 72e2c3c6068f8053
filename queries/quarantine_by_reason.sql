-- What could not be read, and where is it?
SELECT reason, source_file, line_number
FROM bronze_quarantine
ORDER BY source_file, line_number
