"""What the lakehouse is: its tables, its quality rules and its CloudFormation template. No behaviour of the sandbox."""
