//! The certificate of a time-stamping authority: its name, and whether it may sign time-stamps at all.

use crate::StampError;
use der::asn1::ObjectIdentifier;
use der::{Decode as _, Encode as _};
use ring::digest::{Algorithm, digest};
use std::time::Duration;
use x509_cert::Certificate as Parsed;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{ExtendedKeyUsage, KeyUsage};

const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");

/// A certificate (RFC 5280) with its bytes.
#[derive(Debug, Clone)]
pub struct Certificate {
    pub(crate) der: Vec<u8>,
    parsed: Parsed,
}

impl Certificate {
    /// Reads one certificate in DER.
    ///
    /// # Errors
    /// It is none.
    pub fn read(der: &[u8]) -> Result<Self, StampError> {
        Ok(Self { der: der.to_vec(), parsed: Parsed::from_der(der)? })
    }

    /// The subject, as RFC 4514 writes it. It may hold any text: make it safe before it is shown.
    #[must_use]
    pub fn name(&self) -> String {
        self.parsed.tbs_certificate().subject().to_string()
    }

    /// The issuer is the subject.
    pub(crate) fn is_root(&self) -> bool {
        let tbs = self.parsed.tbs_certificate();
        tbs.issuer() == tbs.subject()
    }

    pub(crate) fn was_valid(&self, since_1970: Duration) -> bool {
        let validity = self.parsed.tbs_certificate().validity();
        let from = validity.not_before.to_unix_duration();
        let until = validity.not_after.to_unix_duration();
        (from..=until).contains(&since_1970)
    }

    /// Issuer and serial number, as another structure names them.
    pub(crate) fn is_named(&self, issuer: &[u8], serial: &[u8]) -> bool {
        let tbs = self.parsed.tbs_certificate();
        tbs.issuer().to_der().is_ok_and(|der| der == issuer)
            && tbs.serial_number().to_der().is_ok_and(|der| der == serial)
    }

    pub(crate) fn digest(&self, algorithm: &'static Algorithm) -> Vec<u8> {
        digest(algorithm, &self.der).as_ref().to_vec()
    }

    /// The key identifier that it says it has.
    pub(crate) fn has_key_id(&self, id: &[u8]) -> bool {
        use x509_cert::ext::pkix::SubjectKeyIdentifier;
        let tbs = self.parsed.tbs_certificate();
        let said = tbs.get_extension::<SubjectKeyIdentifier>();
        said.is_ok_and(|said| said.is_some_and(|(_, said)| said.0.as_bytes() == id))
    }

    /// May it sign time-stamps? RFC 3161 §2.3: one extended key usage, this one, and critical.
    pub(crate) fn may_stamp(&self) -> Result<(), StampError> {
        let usage = self.extension(EXTENDED_KEY_USAGE)?;
        let usage = usage.ok_or(StampError::Purpose("it names no purpose"))?;
        if ExtendedKeyUsage::from_der(usage.extn_value.as_bytes())?.0 != [TIME_STAMPING] {
            return Err(StampError::Purpose("it is not for time-stamps, or not for them alone"));
        }
        if !usage.critical {
            return Err(StampError::Purpose("its purpose is not marked critical"));
        }
        if let Some(usage) = self.extension(KEY_USAGE)? {
            let usage = KeyUsage::from_der(usage.extn_value.as_bytes())?;
            if !usage.digital_signature() && !usage.non_repudiation() {
                return Err(StampError::Purpose("its key may not sign"));
            }
        }
        Ok(())
    }

    /// The one extension with this identifier.
    fn extension(&self, oid: ObjectIdentifier) -> Result<Option<&Extension>, StampError> {
        let all = self.parsed.tbs_certificate().extensions().into_iter().flatten();
        let mut found = all.filter(|extension| extension.extn_id == oid);
        let first = found.next();
        match found.next() {
            None => Ok(first),
            Some(_) => Err(StampError::Purpose("it says its purpose twice")),
        }
    }
}
