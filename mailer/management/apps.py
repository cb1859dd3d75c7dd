from django.apps import AppConfig


class CommandLine(AppConfig):
    """Lets Django find the commands in `mailer/management/commands`."""

    name = "mailer"
    label = "command_line"
