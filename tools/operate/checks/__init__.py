"""The doctor's checks: each looks at one thing, changes nothing, and names the command that fixes what is wrong."""
