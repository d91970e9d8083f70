"""What we ask of the platform: its access token, customer-service messages, the menu; and what its errors mean."""
