"""The pages of the site: each module reads the lake and gives the variables of the template of its name."""
