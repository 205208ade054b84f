"""The addresses of signing in, under the names that the library looks up."""

from django.urls import path

from orchestra.sign_in.identity import begin, callback
from orchestra.sign_in.views import SecondFactorView, SignInView

urlpatterns = [
    path("login/", SignInView.as_view(), name="account_login"),
    path("login/code/", SecondFactorView.as_view(), name="mfa_authenticate"),
    path("login/<slug:provider_id>/", begin, name="openid_connect_login"),
    path("login/<slug:provider_id>/callback/", callback, name="openid_connect_callback"),
]
