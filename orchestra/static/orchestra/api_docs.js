// The reading page of the REST API: Swagger UI from our own files, nothing from outside.
"use strict";

(() => {
  const place = document.getElementById("api-docs");

  // A session needs the CSRF token, and every POST a key of its own.
  const prepare = (request) => {
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
    if (token) request.headers["X-CSRFToken"] = token[1];
    if (request.method === "POST" && !request.headers["Idempotency-Key"]) {
      request.headers["Idempotency-Key"] = Array.from(
        crypto.getRandomValues(new Uint8Array(16)),
        (byte) => byte.toString(16).padStart(2, "0"),
      ).join("");
    }
    return request;
  };

  window.SwaggerUIBundle({
    domNode: place,
    url: place.dataset.schema,
    deepLinking: true,
    docExpansion: "list",
    validatorUrl: null,
    requestInterceptor: prepare,
  });
})();
