"""Stop Press: the newsletter and election-update mailer a newsroom runs itself."""
