"""`make demo`: questions go in, a weekly report with those questions in it comes out as an e-mail."""
