"""carehouse: loaders, made-up data and commands around the dbt project."""
