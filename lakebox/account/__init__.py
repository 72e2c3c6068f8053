"""What an AWS account has around Glue and Athena: caller, roles, policies and log groups, which are kept and told."""
