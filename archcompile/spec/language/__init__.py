"""The forms of the language, and the files a spec is made of."""
