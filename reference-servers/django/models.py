"""The database of CONTRACT.md as models; its tables are made by seed.sql."""

from django.db import models


class Product(models.Model):
    id = models.IntegerField(primary_key=True)
    name = models.TextField()
    price_cents = models.IntegerField()
    views = models.IntegerField()

    class Meta:
        app_label = "claimbench"
        managed = False
        db_table = "products"


class User(models.Model):
    id = models.IntegerField(primary_key=True)
    email = models.TextField(unique=True)
    password_salt = models.TextField()
    password_hash = models.TextField()

    class Meta:
        app_label = "claimbench"
        managed = False
        db_table = "users"


class Task(models.Model):
    owner = models.ForeignKey(User, models.CASCADE)
    title = models.TextField()
    priority = models.IntegerField()
    done = models.BooleanField(default=False)

    class Meta:
        app_label = "claimbench"
        managed = False
        db_table = "tasks"


class Reading(models.Model):
    device = models.TextField()
    at_ms = models.BigIntegerField()
    celsius = models.FloatField()

    class Meta:
        app_label = "claimbench"
        managed = False
        db_table = "readings"
