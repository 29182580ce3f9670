//! A form whose PIN is a pass: it must be the very form that was signed, from the same browser, in time; then the pass is open for as
//! long as the form is answered, and never again.

use super::At;
use super::ceremony::{Asked, lapsed};
use crate::console::signed::{escaped, random};
use crate::console::{FORM_BYTES_MAX, Room};
use axum::Form;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sealdock_chain::Digest;
use std::sync::Arc;
use std::time::Instant;

/// Forms that say by `person` who sends them. The passkey says the same, and the station compares: so the number need not have
/// been typed before it was signed.
const SAYS_WHO: [&str; 3] = ["/sign-in", "/kiosk/who", "/kiosk/confirm"];

pub fn says_who(form: &str) -> bool {
    SAYS_WHO.contains(&form)
}

/// Digest of a form: where it goes and everything in it, but for the PIN.
pub fn deed(form: &str, fields: &[(String, String)]) -> Digest {
    let signed =
        fields.iter().filter(|(name, _)| name != "pin" && !(name == "person" && says_who(form)));
    // Lengths first, so that no two forms are written alike.
    let mut bytes = format!("{}:{form}", form.len()).into_bytes();
    for (name, value) in signed {
        bytes.extend(format!("{}:{name}{}:{value}", name.len(), value.len()).into_bytes());
    }
    Digest::of(&bytes)
}

/// Before every handler, behind the guard. What is no short form, or has no pass in it, goes by unread or as it came.
pub async fn door(State(room): State<Arc<Room>>, request: Request, next: Next) -> Response {
    if !is_short_form(&request) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, FORM_BYTES_MAX).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let (at, form) = (At::of(&parts), parts.uri.path().to_owned());
    let again = |bytes| Request::from_parts(parts, Body::from(bytes));
    let Some(fields) = fields(bytes.clone()).await else { return next.run(again(bytes)).await };
    let passes: Vec<&str> = fields
        .iter()
        .filter(|(name, value)| name == "pin" && value.starts_with(sealdock_station::PASS))
        .map(|(_, value)| value.as_str())
        .collect();
    if passes.is_empty() {
        return next.run(again(bytes)).await;
    }
    // What the handler gets in its place is of this request alone: whatever else is sent with the same text meanwhile, here or
    // at the socket, opens nothing.
    let Ok(own) = random().map(|text| format!("{}{text}", sealdock_station::PASS)) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let inner = Bytes::from(with_pass(&fields, &own));
    let mut request = again(inner.clone());
    request.headers_mut().insert(header::CONTENT_LENGTH, inner.len().into());
    // Two of one name are somebody's trick; without an open pass the handler refuses.
    let [pass] = passes[..] else { return next.run(request).await };
    let spent = match room.keys.take(pass, at.whose, Instant::now()) {
        Ok((Asked::Signed { person, passkey, deed: signed }, _))
            if signed == deed(&form, &fields) =>
        {
            Ok((person, passkey))
        }
        _ => Err(lapsed()),
    };
    match spent {
        Ok((person, passkey)) => {
            let _open = room.open.station.open_pass(&own, person, passkey);
            next.run(request).await
        }
        Err(e) => {
            tracing::warn!("a form came with a passkey's pass that is not its own: {}", e.message);
            next.run(request).await
        }
    }
}

/// The form with another text in the place of every pass.
fn with_pass(fields: &[(String, String)], own: &str) -> String {
    let field = |(name, value): &(String, String)| {
        let pass = name == "pin" && value.starts_with(sealdock_station::PASS);
        format!("{}={}", escaped(name), escaped(if pass { own } else { value }))
    };
    fields.iter().map(field).collect::<Vec<_>>().join("&")
}

fn is_short_form(request: &Request) -> bool {
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let form = text(header::CONTENT_TYPE).is_some_and(|kind| {
        kind.split(';')
            .next()
            .is_some_and(|kind| kind.trim() == "application/x-www-form-urlencoded")
    });
    let length = text(header::CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok());
    request.method() == Method::POST
        && form
        && length.is_some_and(|length| length <= FORM_BYTES_MAX)
}

async fn fields(bytes: Bytes) -> Option<Vec<(String, String)>> {
    let mut request = Request::new(Body::from(bytes));
    *request.method_mut() = Method::POST;
    let kind = header::HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers_mut().insert(header::CONTENT_TYPE, kind);
    Form::from_request(request, &()).await.ok().map(|Form(fields)| fields)
}

#[cfg(test)]
mod unit {
    use super::*;

    fn of(form: &str, fields: &[(&str, &str)]) -> Digest {
        let fields: Vec<_> =
            fields.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        deed(form, &fields)
    }

    #[test]
    fn whatever_a_form_says_but_for_the_pin_is_in_its_digest() {
        let signed = of("/approvals", &[("id", "V7"), ("decision", "approve"), ("pin", "")]);
        assert_eq!(
            signed,
            of("/approvals", &[("id", "V7"), ("decision", "approve"), ("pin", "x")])
        );
        for other in [
            of("/uses", &[("id", "V7"), ("decision", "approve")]),
            of("/approvals", &[("id", "V8"), ("decision", "approve")]),
            of("/approvals", &[("id", "V7"), ("decision", "refuse")]),
            of("/approvals", &[("id", "V7")]),
            of("/approvals", &[("decision", "approve"), ("id", "V7")]),
            of("/approvals", &[("id", "V7"), ("decision", "approve"), ("person", "p2")]),
            of("/approvals", &[("i", "dV7"), ("decision", "approve")]),
        ] {
            assert_ne!(signed, other);
        }
        assert_eq!(of("/sign-in", &[("person", "p1")]), of("/sign-in", &[("person", "")]));
        assert_ne!(of("/admin/act", &[("person", "p1")]), of("/admin/act", &[("person", "p2")]));
    }
}
