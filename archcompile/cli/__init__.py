"""The commands, one thin file each: parse, call one function, print.

`app` lists them and turns errors into messages and exit codes; `console` prints tables. A command
imports rooms inside its function, so that `archc --help` loads none of them. May import
everything. Only the console script imports it.
"""
