"""The desk's blueprint, which its pages are registered on."""

from flask import Blueprint

desk = Blueprint("desk", "comments.desk", url_prefix="/moderering")
