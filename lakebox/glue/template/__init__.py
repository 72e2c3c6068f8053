"""CloudFormation templates: a file, its parameters and what other resources are -> the properties of each resource."""
