"""Tests of the operator's command, against an AWS account in memory."""
