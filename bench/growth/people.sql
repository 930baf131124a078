-- Everybody of the department, as each stage copies it.
INSERT INTO roster_employees (employee_id, revision, full_name, role, payroll_number, hired_on)
SELECT employee_id, 1, 'Person ' || role || no, role, upper(role) || lpad(no::text, 5, '0'), '2015-01-01' FROM people
ON CONFLICT DO NOTHING;
