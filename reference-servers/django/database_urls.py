"""The paths that need the database."""

from django.urls import path

import database_views
import iot_views
import mobile_views
from problems import by_method, get_only

urlpatterns = [
    path("db/row", get_only(database_views.row)),
    path("db/rows", get_only(database_views.rows)),
    path("db/search", get_only(database_views.search)),
    path("db/read-write", by_method(POST=database_views.read_write)),
    path("mobile/login", by_method(POST=mobile_views.login)),
    path("mobile/tasks", by_method(GET=mobile_views.tasks, POST=mobile_views.make_task)),
    path(
        "mobile/tasks/<int:id>",
        by_method(GET=mobile_views.task, PUT=mobile_views.change_task, DELETE=mobile_views.remove_task),
    ),
    path("iot/readings", by_method(POST=iot_views.store)),
]
