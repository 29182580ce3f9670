//! Answers by OpenSSL, sound and unsound: what is taken for a stamp, and why the others are not.

#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use sealdock_stamp::{Certificate, NONCE_BYTES, Request, Roots, Stamp, StampError, certificates};
use sealdock_testkit::tsa::{AT, Tsa};
use std::process::Command;

const THING: &[u8] = b"what is stamped";
const EARLY: (&str, &str) = (AT, "2005-03-01 00:00:00");
const LATER: (&str, &str) = (AT, "2005-03-10 12:00:00");

fn request() -> Request {
    let digest = ring::digest::digest(&ring::digest::SHA256, THING);
    Request::new(digest.as_ref().try_into().unwrap(), [9; NONCE_BYTES])
}

fn stamped(tsa: &Tsa, how: &[(&str, &str)]) -> Result<Stamp, StampError> {
    Stamp::read(&tsa.answer(&request().to_der(), how))
}

fn roots(tsa: &Tsa) -> Roots {
    Roots::from_pem(&tsa.pem("root.pem")).unwrap()
}

#[test]
fn openssl_reads_the_request_as_it_is_meant() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("q.tsq");
    std::fs::write(&file, request().to_der()).unwrap();
    let args = ["ts", "-query", "-text", "-in"];
    let output = Command::new("openssl").args(args).arg(&file).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for line in [
        "Version: 1",
        "Hash Algorithm: sha256",
        "Policy OID: unspecified",
        "Certificate required: yes",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(text.contains("Nonce: 0x49090909090909090909090909090909"), "{text}");
}

#[test]
fn an_answer_is_a_stamp_whatever_the_key_and_the_length_of_the_chain() {
    for how in [
        &[("KEY", "ec")][..],
        &[("KEY", "rsa")],
        &[("KEY", "ec"), ("BETWEEN", "yes")],
        &[("KEY", "rsa"), ("BETWEEN", "yes"), ("ESS", "sha512")],
        &[("ESS", "sha1")],
    ] {
        let tsa = Tsa::found(how);
        let stamp = stamped(&tsa, &[]).unwrap();
        assert_eq!(stamp.imprint(), request().imprint(), "{how:?}");
        assert_eq!(stamp.nonce(), Some(request().nonce()));
        assert_eq!(stamp.accuracy_us(), Some(1_500_000));
        assert_eq!(stamp.name(), "CN=tsa,O=Test");
        let between = certificates(&tsa.pem("chain.pem")).unwrap();
        assert_eq!(stamp.leads_to(&roots(&tsa), &between), Ok(()), "{how:?}");
        let whole = Roots::from_pem(&tsa.pem("chain.pem")).unwrap();
        assert_eq!(stamp.leads_to(&whole, &[]), Ok(()), "{how:?}");
    }
}

#[test]
fn without_what_is_between_the_root_is_not_reached() {
    let tsa = Tsa::found(&[("BETWEEN", "yes")]);
    let stamp = stamped(&tsa, &[]).unwrap();
    assert_eq!(stamp.leads_to(&roots(&tsa), &[]), Err(StampError::OtherRoot));
    // What is between is believed for nothing: alone it is no root.
    assert!(matches!(Roots::from_pem(&tsa.pem("between.pem")), Err(StampError::Roots(_))));
}

#[test]
fn another_root_is_not_reached_even_under_the_same_name() {
    let [tsa, same] = [(), ()].map(|()| Tsa::found(&[]));
    let other = Tsa::found(&[("NAME", "Other")]);
    let stamp = stamped(&tsa, &[]).unwrap();
    assert_eq!(stamp.leads_to(&roots(&other), &[]), Err(StampError::OtherRoot));
    assert!(matches!(stamp.leads_to(&roots(&same), &[]), Err(StampError::Chain(_))));
    // One of several is enough.
    let both = [other.pem("root.pem"), tsa.pem("root.pem")].concat();
    assert_eq!(stamp.leads_to(&Roots::from_pem(&both).unwrap(), &[]), Ok(()));
}

/// What counts is the moment that the stamp names: no clock is read.
#[test]
fn a_certificate_must_have_been_valid_then_and_need_not_be_now() {
    let old = Tsa::found(&[(AT, "2005-03-01 00:00:00"), ("DAYS", "30")]);
    let stamp = stamped(&old, &[(AT, "2005-03-10 12:00:00")]).unwrap();
    assert_eq!(stamp.at().to_string(), "2005-03-10T12:00:00Z");
    assert_eq!(stamp.leads_to(&roots(&old), &[]), Ok(()));
    for at in ["2005-06-01 00:00:00", "2004-06-01 00:00:00"] {
        assert!(matches!(stamped(&old, &[(AT, at)]), Err(StampError::Expired(_))), "{at}");
    }
    // The leaf may outlive the root, and then nobody vouches for it.
    let late = Tsa::found(&[(AT, "2005-03-01 00:00:00"), ("DAYS", "9000")]);
    let stamp = stamped(&late, &[(AT, "2028-03-01 00:00:00")]).unwrap();
    assert_eq!(stamp.leads_to(&roots(&late), &[]), Err(StampError::Expired("the root")));
}

#[test]
fn a_certificate_of_another_purpose_signs_no_stamps() {
    let tsa = Tsa::found(&[EARLY]);
    let content = tsa.content(&tsa.answer(&request().to_der(), &[LATER]));
    let judged = |usage| Stamp::read(&tsa.signed(&content, &[EARLY, ("USAGE", usage)]));
    // The way itself is sound: with the right purpose the same bytes are a stamp.
    let sound = judged("critical,timeStamping").unwrap();
    assert_eq!(sound.leads_to(&roots(&tsa), &[]), Ok(()));
    for usage in ["", "timeStamping", "critical,timeStamping,serverAuth", "critical,serverAuth"] {
        let refused = judged(usage);
        assert!(matches!(refused, Err(StampError::Purpose(_))), "{usage}: {refused:?}");
    }
}

/// Where `part` begins.
fn find(whole: &[u8], part: &[u8]) -> usize {
    whole.windows(part.len()).position(|window| window == part).unwrap()
}

/// The signature names its certificate: another one for the same key, of the same issuer and number, is not it.
#[test]
fn a_certificate_that_was_swapped_for_a_sister_is_refused() {
    let rsa = ("KEY", "rsa");
    let tsa = Tsa::found(&[EARLY, rsa]);
    let content = tsa.content(&tsa.answer(&request().to_der(), &[LATER]));
    let made = |days| {
        let answer = tsa.signed(&content, &[EARLY, ("DAYS", days)]);
        let output = Command::new("openssl")
            .args(["x509", "-outform", "DER", "-in"])
            .arg(tsa.path("other.pem"))
            .output();
        (answer, output.unwrap().stdout)
    };
    let ((one, own), (_, sister)) = (made("100"), made("200"));
    assert!(Stamp::read(&one).is_ok());
    assert_eq!((own.len(), own == sister), (sister.len(), false));
    let mut swapped = one.clone();
    let at = find(&one, &own);
    swapped[at..at + own.len()].copy_from_slice(&sister);
    let told = Stamp::read(&swapped).unwrap_err();
    assert_eq!(told, StampError::Broken("it names another certificate than the one in it"));
}

/// What is signed says what it is: a signature over something of another kind is none over a time.
#[test]
fn a_signature_over_another_kind_of_content_is_refused() {
    let tsa = Tsa::found(&[EARLY]);
    let content = tsa.content(&tsa.answer(&request().to_der(), &[LATER]));
    let kind = ("TYPE", "1.2.840.113549.1.9.16.1.5");
    let mut answer = tsa.signed(&content, &[EARLY, kind]);
    assert!(matches!(Stamp::read(&answer), Err(StampError::Malformed(_))));
    // Outside of what is signed it may call itself a time.
    let oid = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x05];
    let at = find(&answer, &oid);
    answer[at + 10] = 4;
    let told = Stamp::read(&answer).unwrap_err();
    assert_eq!(told, StampError::Broken("its signature is not over a time-stamp"));
}

/// Signed by a sound certificate, and yet no stamp: the content itself is read strictly.
#[test]
fn a_content_of_another_form_is_no_stamp() {
    let tsa = Tsa::found(&[EARLY]);
    let content = tsa.content(&tsa.answer(&request().to_der(), &[LATER]));
    let time = content.windows(2).position(|two| two == [0x18, 0x0f]).unwrap();
    let changed = |at: usize, byte: u8| {
        let mut changed = content.clone();
        changed[at] = byte;
        Stamp::read(&tsa.signed(&changed, &[EARLY]))
    };
    assert!(changed(4, 1).is_ok());
    assert!(matches!(changed(4, 2), Err(StampError::Malformed(_))), "another version");
    assert!(matches!(changed(time + 6, b'9'), Err(StampError::Malformed(_))), "month 9x");
    let oid = content.windows(4).position(|four| four == [0x03, 0x04, 0x02, 0x01]).unwrap();
    assert!(matches!(changed(oid + 3, 2), Err(StampError::Algorithm(_))), "SHA-384");
}

#[test]
fn a_refusal_says_why() {
    let tsa = Tsa::found(&[]);
    // It takes no imprints by SHA-1.
    let folder = tempfile::tempdir().unwrap();
    let thing = folder.path().join("thing");
    std::fs::write(&thing, THING).unwrap();
    let query = folder.path().join("q");
    let args = ["ts", "-query", "-sha1", "-data"];
    let made = Command::new("openssl").args(args).arg(&thing).arg("-out").arg(&query).output();
    assert!(made.unwrap().status.success());
    let answer = tsa.answer(&std::fs::read(query).unwrap(), &[]);
    match Stamp::read(&answer) {
        Err(StampError::Refused { status: 2, text }) => {
            assert!(text.contains("algorithm"), "{text}")
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_the_certificate_there_is_nothing_to_check_by() {
    let tsa = Tsa::found(&[]);
    let mut query = request().to_der();
    // certReq is left out, which is FALSE.
    query.truncate(query.len() - 3);
    query[1] -= 3;
    let answer = tsa.answer(&query, &[]);
    assert_eq!(Stamp::read(&answer).unwrap_err(), StampError::NoCertificate);
}

/// No bit of an answer may be turned without being seen, and none makes the reading panic.
#[test]
fn every_flipped_bit_is_refused_or_changes_nothing_that_is_said() {
    for key in ["ec", "rsa"] {
        let tsa = Tsa::found(&[("KEY", key)]);
        let answer = tsa.answer(&request().to_der(), &[]);
        let roots = roots(&tsa);
        let sound = Stamp::read(&answer).unwrap();
        let mut harmless = Vec::new();
        for at in 0..answer.len() {
            let mut turned = answer.clone();
            turned[at] ^= 1 << (at % 8);
            let Ok(stamp) = Stamp::read(&turned) else { continue };
            if stamp.leads_to(&roots, &[]).is_err() {
                continue;
            }
            assert_eq!(stamp.imprint(), sound.imprint(), "{key} {at}");
            assert_eq!(stamp.at(), sound.at(), "{key} {at}");
            assert_eq!(stamp.name(), sound.name(), "{key} {at}");
            assert_eq!(stamp.nonce(), sound.nonce(), "{key} {at}");
            harmless.push(at);
        }
        // What no signature covers: versions, and digest algorithms that are named a second time.
        assert!(harmless.len() < 24, "{key}: {harmless:?}");
    }
}

#[test]
fn what_is_cut_off_or_goes_on_is_refused() {
    let tsa = Tsa::found(&[]);
    let answer = tsa.answer(&request().to_der(), &[]);
    for end in 0..answer.len() {
        assert!(Stamp::read(&answer[..end]).is_err(), "{end}");
    }
    assert!(Stamp::read(&[&answer[..], &[0]].concat()).is_err());
    assert!(Stamp::read(&vec![0x30; 70_000]).is_err());
}

#[test]
fn what_is_no_certificate_is_no_root() {
    let tsa = Tsa::found(&[]);
    let pem = String::from_utf8(tsa.pem("root.pem")).unwrap();
    let broken = pem.replacen("MII", "MIJ", 1).replacen("MIIB", "MIIA", 1);
    for bad in ["", "nothing", &pem[..pem.len() / 2], &broken, &tsa_key(&tsa)] {
        assert!(matches!(Roots::from_pem(bad.as_bytes()), Err(StampError::Roots(_))), "{bad}");
    }
    assert!(Certificate::read(b"").is_err());
    assert_eq!(certificates(&tsa.pem("chain.pem")).unwrap()[0].name(), "CN=root,O=Test");
}

fn tsa_key(tsa: &Tsa) -> String {
    String::from_utf8(tsa.pem("tsa.key")).unwrap()
}
