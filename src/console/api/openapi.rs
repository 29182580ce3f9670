//! OpenAPI 3.1, made from the table of what can be asked.

use super::ENDPOINTS;
use serde_json::{Map, Value, json};

/// The whole description.
pub fn description() -> Value {
    let mut paths = Map::new();
    for endpoint in ENDPOINTS {
        let mut parameters: Vec<Value> = endpoint
            .query
            .iter()
            .map(|(name, what)| {
                json!({ "name": name, "in": "query", "required": false, "description": what,
                    "schema": { "type": "string" } })
            })
            .collect();
        if endpoint.path.contains("{id}") {
            parameters.push(json!({ "name": "id", "in": "path", "required": true,
                "description": "its number, with the letter before it", "schema": { "type": "string" } }));
        }
        let facts = json!({ "description": "the facts that the command line prints with --json",
            "content": { "application/json": { "schema": {} } } });
        let operation = json!({ "summary": endpoint.what, "parameters": parameters,
            "security": [{ "token": [endpoint.right.word()] }],
            "responses": responses(facts) });
        paths.insert(endpoint.path.into(), json!({ "get": operation }));
    }
    let text = json!({ "description": "Prometheus text format 0.0.4",
        "content": { "text/plain": { "schema": { "type": "string" } } } });
    paths.insert(
        "/metrics".into(),
        json!({ "get": { "summary": "Numbers for Prometheus",
            "security": [{ "token": ["metrics"] }], "responses": responses(text) } }),
    );
    json!({
        "openapi": "3.1.0",
        "info": { "title": "sealdock", "version": env!("CARGO_PKG_VERSION"),
            "description": "Reads a station's registers and record. Changes nothing, serves no footage." },
        "paths": paths,
        "components": { "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } } },
    })
}

fn responses(facts: Value) -> Value {
    let problem = |what: &str| {
        json!({ "description": what, "content": { "application/problem+json": { "schema": {
            "type": "object", "properties": { "title": { "type": "string" },
            "status": { "type": "integer" }, "detail": { "type": "string" } } } } } })
    };
    json!({
        "200": facts,
        "400": problem("a parameter is not understood"),
        "401": problem("no token, or one that is not known"),
        "403": problem("the token has not this right"),
        "404": problem("there is no such thing"),
        "503": problem("too many questions at once, or the station is stopping"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_is_described_with_the_right_that_it_takes() {
        let description = description();
        let paths = description["paths"].as_object().unwrap();
        assert_eq!(paths.len(), ENDPOINTS.len() + 1);
        for endpoint in ENDPOINTS {
            let get = &paths[endpoint.path]["get"];
            assert_eq!(get["security"][0]["token"][0], endpoint.right.word(), "{}", endpoint.path);
            let wanted = endpoint.query.len() + usize::from(endpoint.path.contains('{'));
            assert_eq!(get["parameters"].as_array().unwrap().len(), wanted, "{}", endpoint.path);
        }
    }
}
