// The pages at /docs: Swagger UI over the description of the gateway.

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  // A badge of an outside service would tell it the address of this suite.
  validatorUrl: null,
});
