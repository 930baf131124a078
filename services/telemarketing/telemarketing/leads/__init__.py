"""The target base: companies, contacts, leads, their references and dated ownership."""
