//! A copy that broke off is gone on with by whoever began it, where it lies, as its entry says: what `export --resume` does. A
//! browser names the copy, never a place, and says nothing of what is in it.

use super::{chosen, known, places};
use crate::console::rooms::{Fields, Scene, nothing, sign_slowly};
use crate::console::signed::Office;
use crate::console::spoken::why_in;
use crate::execute::{copy_broken_off, is_being_packed, void_package};
use crate::exit::{CliError, Exit};
use crate::request::{AccessQuery, Request};
use axum::Form as Sent;
use axum::extract::Path;
use axum::response::Response;
use sealdock_console::rooms::{Block, Button, Form};
use sealdock_console::words::rooms as r;
use sealdock_core::access::{self, CopyAsked};
use sealdock_core::id::AccessId;
use sealdock_core::registry;
use sealdock_core::table::Row;
use std::path::PathBuf;

/// Where it lies and what it was begun with; or why it is not gone on with here.
type Found = Result<(PathBuf, CopyAsked), String>;

/// A form, or what stands in its way. Nothing for a copy after which another was begun to the same place.
pub fn block(scene: &Scene, access: AccessId, copy: &Row) -> Result<Option<Block>, CliError> {
    if !is_newest(scene, access, copy)? {
        return Ok(None);
    }
    Ok(Some(match found(scene, access, copy)? {
        Err(why) => Block::Note(format!("{}{}{why}", copy.text("place"), scene.t(r::COLON))),
        Ok((_, asked)) => Block::Form(form(scene, access, copy, &asked)),
    }))
}

fn form(scene: &Scene, access: AccessId, copy: &Row, asked: &CopyAsked) -> Form {
    let seq = registry::seq(copy);
    let what = asked.words().unwrap_or_else(|| scene.own(r::WHOLE_CLIPS));
    let title = format!("{} {}", scene.t(r::GO_ON), copy.text("place"));
    Form::new(&format!("go-on-{seq}"), &format!("/copies/{access}/go-on"), &title)
        .note(&format!("{}{what}", scene.t(r::GO_ON_NOTE)))
        .hidden("copy", seq)
        .button(Button::main(scene.t(r::GO_ON)))
}

/// Unfinished, and none was begun to the same place after it: the one that the command would go on with.
fn is_newest(scene: &Scene, access: AccessId, copy: &Row) -> Result<bool, CliError> {
    let newest = copy_broken_off(&*scene.view, access, copy.text("place"))?;
    Ok(newest == Some(registry::seq(copy)))
}

/// Everything that the command asks too, and that the place is one that a page may write to.
fn found(scene: &Scene, access: AccessId, copy: &Row) -> Result<Found, CliError> {
    let not = |word| Ok(Err(scene.own(word)));
    let place = PathBuf::from(copy.text("place"));
    let Ok(void) = void_package(&place) else { return not(r::GO_ON_GONE) };
    if !is_newest(scene, access, copy)? {
        return not(r::GO_ON_GONE);
    }
    if is_being_packed(&scene.room.open, &void) {
        return not(r::GO_ON_RUNS);
    }
    if copy.text("carried_by") != scene.actor().to_string() {
        return not(r::GO_ON_OTHER);
    }
    if let Some(why) = access::copy_objection(&*scene.view, &scene.at, &scene.me, access)? {
        return Ok(Err(why_in(scene.lang, &why)));
    }
    let within = places(scene)?.iter().any(|outlet| place.parent() == Some(&*outlet.dir));
    if !within || !void.symlink_metadata().is_ok_and(|of| of.is_dir()) {
        return not(r::GO_ON_GONE);
    }
    let asked = scene.room.open.station.copy_asked(registry::seq(copy))?;
    match asked.filter(|asked| asked.receipts.is_none()) {
        Some(asked) => Ok(Ok((place, asked))),
        None => not(r::GO_ON_TYPED),
    }
}

pub async fn go_on(
    Office(reader): Office,
    Path(id): Path<String>,
    Sent(fields): Sent<Vec<(String, String)>>,
) -> Response {
    let Ok(access) = id.parse::<AccessId>() else { return nothing(&reader) };
    let to = (access.to_string(), format!("/copies/{access}"));
    sign_slowly(reader, Fields(fields), to, move |scene, fields| {
        known(scene, access)?;
        let copy = chosen(scene, access, fields)?;
        let found = found(scene, access, &copy)?;
        let (to, _) = found.map_err(|why| CliError::said(Exit::Refused, why))?;
        let (receipts, excerpts) = (None, Vec::new());
        let query = AccessQuery::Export { access, to, receipts, excerpts, resume: true };
        Ok(vec![Request::Access(query)])
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::hostile::{Bench, PIN, in_runtime, person};
    use axum::body::Body;
    use axum::http::{Method, StatusCode};
    use sealdock_chain::Digest;
    use sealdock_core::access::{COPY_OUT, Command as Do};
    use sealdock_core::actor::Role;
    use sealdock_core::command::{Command, Secret};
    use sealdock_core::ports::{Kind, PortError, PortResult};
    use sealdock_core::table::Query;
    use sealdock_station::viewing::{CopyTarget, Drafted, With};

    /// A medium that is pulled out at once.
    struct Pulled;

    impl CopyTarget for Pulled {
        fn begin(&mut self, _: &str) -> PortResult<()> {
            Err(PortError::new(Kind::Failed, "it is gone"))
        }
        fn write(&mut self, _: &[u8]) -> PortResult<()> {
            Ok(())
        }
        fn finish(&mut self) -> PortResult<Digest> {
            Ok(Digest::ZERO)
        }
    }

    struct Broken {
        bench: Bench,
        access: AccessId,
    }

    impl Broken {
        fn new() -> Broken {
            let bench = Bench::new();
            let access = bench.approved(bench.clip());
            let name = "name of c2".into();
            let (id, role, pin) = (person("c2"), Role::Clerk, Some(Secret(PIN.into())));
            bench.apply("u1", Command::EnrolPerson { id, name, role, pin, department: None });
            Broken { bench, access }
        }

        fn place(&self, name: &str) -> PathBuf {
            self.bench.open.home.dir.join("outbox").join(name)
        }

        /// c1 begins a package in the outbox and it breaks off; the entry that began it.
        fn begun(&self, name: &str, given: Option<Digest>) -> u64 {
            let actor = self.bench.open.station.authenticate(&person("c1"), PIN).unwrap();
            let papers = |_: &Drafted<'_>| Ok(Vec::new());
            let with =
                With { papers: &papers, receipts: None, given, excerpts: &[], broke_off: None };
            let place = self.place(name);
            let to = (self.access, place.to_str().unwrap());
            self.bench.open.station.export(&actor, to, &mut Pulled, &with).unwrap_err();
            self.void(name);
            registry::seq(self.copies().last().unwrap())
        }

        fn void(&self, name: &str) -> PathBuf {
            let void = void_package(&self.place(name)).unwrap();
            std::fs::create_dir_all(void.join("data")).unwrap();
            std::fs::write(void.join("data/odd"), "of before").unwrap();
            void
        }

        fn copies(&self) -> Vec<Row> {
            let view = self.bench.open.station.world().ledger.view().unwrap();
            view.select(&Query::all(&COPY_OUT)).unwrap()
        }

        async fn page(&self, id: &str) -> String {
            let held = format!("{}; __Host-sealdock-language=en", self.bench.session(id).0);
            let headers = [("host", "127.0.0.1:8420")];
            let to = format!("/copies/{}", self.access);
            let sent =
                self.bench.send_as(&headers, (Method::GET, &*to), &held, Body::empty()).await;
            assert_eq!(sent.0, StatusCode::OK);
            sent.2
        }

        async fn offers(&self, id: &str, copy: u64) -> bool {
            self.page(id).await.contains(&format!("id=\"go-on-{copy}\""))
        }

        /// Sends the form; was it done, and what was said.
        async fn send(&self, id: &str, copy: &str, pin: &str) -> (bool, String) {
            let (held, token) = self.bench.session(id);
            let held = format!("{held}; __Host-sealdock-language=en");
            let headers = [
                ("host", "127.0.0.1:8420"),
                ("origin", "http://127.0.0.1:8420"),
                ("content-type", "application/x-www-form-urlencoded"),
            ];
            // What a browser says of a place or of excerpts is not asked for.
            let more = "place=%2Ftmp%2Felsewhere&to=%2Ftmp%2Felsewhere&part1=C1&from1=0&to1=1";
            let body = format!("token={token}&copy={copy}&pin={pin}&{more}");
            let to = format!("/copies/{}/go-on", self.access);
            let (status, to, _) =
                self.bench.send_as(&headers, (Method::POST, &*to), &held, body).await;
            assert_eq!(status, StatusCode::SEE_OTHER);
            self.bench.room.said.take(to.split_once("said=").unwrap().1).unwrap()
        }
    }

    #[test]
    fn whoever_began_a_copy_goes_on_with_it_on_the_page_and_nothing_more_is_spent() {
        in_runtime(async {
            let broken = Broken::new();
            let copy = broken.begun("V1", None);
            assert!(broken.offers("c1", copy).await);
            for (id, says) in [("c2", "by the clerk who began it"), ("a1", "")] {
                let page = broken.page(id).await;
                assert!(!page.contains(&format!("go-on-{copy}")) && page.contains(says), "{id}");
                assert!(!broken.send(id, &copy.to_string(), PIN).await.0, "{id}");
            }
            let (done, said) = broken.send("c1", &copy.to_string(), "0000001").await;
            assert!(!done && said.contains("wrong PIN"), "{said}");
            for none in ["", "x", "0", "99999"] {
                assert!(!broken.send("c1", none, PIN).await.0, "{none}");
            }
            assert!(!broken.place("V1").exists());
            let (done, said) = broken.send("c1", &copy.to_string(), PIN).await;
            assert!(done && said.contains("the package is made"), "{said}");
            let (place, copies) = (broken.place("V1"), broken.copies());
            assert!(place.join("bagit.txt").is_file() && !place.join("data/odd").exists());
            assert_eq!((copies.len(), registry::seq(&copies[0])), (1, copy));
            assert!(copies[0].int_opt("completed_seq").is_some());
            assert!(!broken.offers("c1", copy).await, "it is whole");
            assert!(!broken.send("c1", &copy.to_string(), PIN).await.0);
        });
    }

    #[test]
    fn what_cannot_be_gone_on_with_here_is_not_offered_not_done_and_said() {
        in_runtime(async {
            let broken = Broken::new();
            let copy = broken.begun("V1", None);
            let refused = async |copy: u64, says: &str| {
                let page = broken.page("c1").await;
                assert!(page.contains(says) && !page.contains(&format!("go-on-{copy}")), "{says}");
                let (done, said) = broken.send("c1", &copy.to_string(), PIN).await;
                assert!(!done && said.contains(says), "{says}: {said}");
            };
            let void = broken.void("V1");
            let packing = &broken.bench.open.packing;
            packing.lock().unwrap().insert(void.clone());
            refused(copy, "has not broken off").await;
            packing.lock().unwrap().clear();
            std::fs::remove_dir_all(&void).unwrap();
            refused(copy, "is in neither outbox nor removable medium").await;
            std::os::unix::fs::symlink(&broken.bench.open.home.dir, &void).unwrap();
            refused(copy, "is in neither outbox nor removable medium").await;
            std::fs::remove_file(&void).unwrap();
            broken.void("V1");
            // With receipts, and of before entries said what was asked for.
            let typed = "does not say what was asked for";
            refused(broken.begun("V2", Some(Digest::of(b"receipt"))), typed).await;
            let actor = broken.bench.open.station.authenticate(&person("c1"), PIN).unwrap();
            let bare = broken.place("V3");
            let to = (broken.access, bare.to_str().unwrap());
            broken.bench.open.station.carry_out(&actor, to, &mut Pulled).unwrap_err();
            broken.void("V3");
            let old = registry::seq(broken.copies().last().unwrap());
            refused(old, typed).await;
            assert!(broken.offers("c1", copy).await, "the first still is");
            let revoke = Do::Revoke { access: broken.access, reason: "withdrawn".into() };
            broken.bench.apply("u1", Command::Access(revoke));
            refused(copy, "stands as revoked").await;
            assert!(broken.copies().iter().all(|copy| copy.int_opt("completed_seq").is_none()));
        });
    }
}
