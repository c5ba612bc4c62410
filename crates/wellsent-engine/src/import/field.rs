//! The fields that an import understands, and the headings under which programs export them.

use super::Kind;
use wellsent_text::fold_letters;

/// Declares the fields with code and label.
macro_rules! fields {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $label:literal;)+) => {
        /// What a column is understood as.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Field { $($(#[$doc])* $variant,)+ }

        impl Field {
            /// All fields.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// A stable code for programs.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The name for staff.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),+ }
            }
        }
    };
}

fields! {
    /// The patient's id in the source system.
    PatientId = "patient_id", "Patient id";
    /// Both names in one column.
    FullName = "name", "Name";
    /// Given name.
    FirstName = "first_name", "First name";
    /// Family name.
    LastName = "last_name", "Last name";
    /// Birth date.
    BirthDate = "birth_date", "Birth date";
    /// A mobile number, preferred to others.
    MobilePhone = "mobile_phone", "Mobile phone";
    /// A number of unknown kind.
    Phone = "phone", "Phone";
    /// A number at home, where there is no other.
    HomePhone = "home_phone", "Home phone";
    /// Language of texts.
    Language = "language", "Language";
    /// Time zone of the home.
    Zone = "time_zone", "Time zone";
    /// Active, inactive, deceased.
    PatientStatus = "patient_status", "Patient status";
    /// Whether, or when, the patient died.
    Deceased = "deceased", "Deceased";
    /// Whether everything drops to the plainest wording.
    Sensitive = "sensitive", "Sensitive";
    /// Whose the number is, by relation.
    ProxyRelation = "proxy_relation", "Proxy relation";
    /// Whether the number is the proxy's.
    ProxyPhone = "proxy_phone", "Phone is the proxy's";
    /// Consent to texts about appointments.
    TextingConsent = "texting_consent", "Texting consent";
    /// The contrary of consent.
    TextingRefused = "texting_refused", "Texts refused";
    /// When consent was given.
    ConsentDate = "consent_date", "Consent date";
    /// The acceptance of unencrypted texts after the warning (H-04).
    WarningAccepted = "warning_accepted", "Warning accepted";
    /// When.
    WarningDate = "warning_date", "Warning date";
    /// When the number was verified (H-07).
    VerifiedDate = "verified_date", "Verified date";
    /// The visit's id in the source system.
    AppointmentId = "appointment_id", "Appointment id";
    /// The day, perhaps with the time.
    VisitDate = "date", "Date";
    /// The time.
    VisitTime = "time", "Time";
    /// Day and time.
    VisitStart = "start", "Date and time";
    /// The place.
    Location = "location", "Location";
    /// The kind of visit.
    VisitType = "visit_type", "Visit type";
    /// Where the visit stands.
    VisitStatus = "status", "Status";
    /// What a consent is about.
    Category = "category", "Category";
    /// What was said.
    Act = "act", "Act";
    /// When it was said.
    ActDate = "act_date", "Date of the act";
    /// By which way.
    Channel = "channel", "Channel";
    /// Whether in writing (T-03).
    Written = "written", "Written";
    /// Where to find what shows it.
    Evidence = "evidence", "Evidence";
}

impl Field {
    /// Reads a heading. Case, spaces, accents and punctuation do not matter, nor does what stands in brackets.
    pub(super) fn of_heading(heading: &str, kind: Kind) -> Option<Self> {
        if heading.len() > 120 {
            return None;
        }
        let exact = squeeze(heading);
        lookup(&exact, kind).or_else(|| {
            let (before, rest) = heading.split_once(['(', '['])?;
            let after = rest.split_once([')', ']']).map_or("", |(_, after)| after);
            lookup(&squeeze(&format!("{before} {after}")), kind)
        })
    }
}

fn squeeze(heading: &str) -> String {
    fold_letters(&heading.replace('#', " number ").replace('?', " ")).replace(' ', "")
}

fn lookup(name: &str, kind: Kind) -> Option<Field> {
    let strip = |prefixes: &[&str]| prefixes.iter().find_map(|prefix| name.strip_prefix(prefix)).map(str::to_owned);
    let of_patient = || strip(&["patients", "patient", "pat", "pt", "paciente"]).and_then(|rest| patient(&rest));
    match kind {
        Kind::Patients => patient(name).or_else(of_patient),
        Kind::Appointments => {
            let of_visit =
                || strip(&["appointments", "appointment", "appt", "apt", "visit", "encounter", "cita"]).and_then(|rest| visit(&rest));
            visit(name)
                .or_else(|| patient(name).filter(|field| !matches!(field, Field::PatientStatus)))
                .or_else(of_visit)
                .or_else(of_patient)
        }
        Kind::Consents => consent(name).or_else(|| patient(name)).or_else(of_patient).and_then(|field| match field {
            // A consent is for one number; which kind of number it is does not matter.
            Field::MobilePhone | Field::HomePhone | Field::Phone => Some(Field::Phone),
            Field::ConsentDate => Some(Field::ActDate),
            Field::PatientId | Field::Language => Some(field),
            Field::Category | Field::Act | Field::ActDate | Field::Channel | Field::Written | Field::Evidence => Some(field),
            _ => None,
        }),
    }
}

/// Headings about an act of consent.
fn consent(name: &str) -> Option<Field> {
    Some(match name {
        "category" | "consentcategory" | "consenttype" | "type" | "subject" | "about" | "categoria" => Field::Category,
        "act" | "action" | "consent" | "decision" | "answer" | "consentstatus" | "status" | "accion" | "respuesta" => Field::Act,
        "date" | "actdate" | "day" | "when" | "signedon" | "signeddate" | "datesigned" | "givenon" | "fecha" => Field::ActDate,
        "channel" | "how" | "method" | "source" | "via" | "canal" => Field::Channel,
        "written" | "iswritten" | "inwriting" | "signed" | "porescrito" => Field::Written,
        "evidence"
        | "evidencereference"
        | "reference"
        | "ref"
        | "filenumber"
        | "file"
        | "document"
        | "documentid"
        | "formnumber"
        | "expedientedeconsentimiento" => Field::Evidence,
        _ => return None,
    })
}

/// Headings about the visit, without "appointment" before them.
fn visit(name: &str) -> Option<Field> {
    Some(match name {
        "id" | "no" | "number" | "num" | "key" | "uid" | "guid" | "identifier" | "ref" | "reference" | "csn" | "iddelacita" | "idcita"
        | "numerodecita" | "apptid" | "appointmentid" => Field::AppointmentId,
        "date" | "day" | "startdate" | "dateofservice" | "dos" | "servicedate" | "scheduleddate" | "fecha" | "fechadelacita"
        | "fechacita" | "fechadecita" | "delacitafecha" => Field::VisitDate,
        "time" | "starttime" | "scheduledtime" | "hora" | "horadelacita" | "horacita" | "horadecita" | "horadeinicio" | "begintime" => {
            Field::VisitTime
        }
        "datetime" | "dateandtime" | "start" | "startdatetime" | "startsat" | "startat" | "starts" | "scheduledfor" | "when"
        | "startdateandtime" | "startdateintime" | "scheduledstart" | "scheduleddatetime" | "begin" | "at" | "slot" | "fechahora"
        | "fechayhora" | "fechayhoradelacita" => Field::VisitStart,
        "location" | "locationid" | "locationname" | "locationcode" | "facility" | "facilityid" | "facilityname" | "office"
        | "officename" | "site" | "siteid" | "sitename" | "clinic" | "clinicname" | "place" | "servicelocation" | "sucursal"
        | "ubicacion" | "lugar" | "consultorio" | "clinica" => Field::Location,
        "type" | "typename" | "visittype" | "visittypename" | "kind" | "tipo" | "tipodecita" | "tipodevisita" => Field::VisitType,
        "status" | "statusname" | "confirmationstatus" | "estado" | "estadodelacita" | "estatus" => Field::VisitStatus,
        _ => return None,
    })
}

/// Headings about the patient.
fn patient(name: &str) -> Option<Field> {
    person(name).or_else(|| contact(name)).or_else(|| permission(name))
}

fn person(name: &str) -> Option<Field> {
    Some(match name {
        "id"
        | "no"
        | "number"
        | "num"
        | "key"
        | "uid"
        | "guid"
        | "identifier"
        | "patientid"
        | "patientnumber"
        | "patientno"
        | "mrn"
        | "mrnumber"
        | "medicalrecord"
        | "medicalrecordnumber"
        | "medicalrecordno"
        | "medrecno"
        | "record"
        | "recordnumber"
        | "recordno"
        | "recordid"
        | "chart"
        | "chartnumber"
        | "chartno"
        | "chartid"
        | "account"
        | "accountnumber"
        | "accountno"
        | "accountid"
        | "acct"
        | "acctnumber"
        | "acctno"
        | "personid"
        | "personnumber"
        | "externalid"
        | "externalpatientid"
        | "numerodepaciente"
        | "iddelpaciente"
        | "idpaciente"
        | "expediente"
        | "numerodeexpediente"
        | "historiaclinica" => Field::PatientId,
        "name" | "fullname" | "patient" | "patientname" | "patientfullname" | "namelastfirst" | "lastfirst" | "lastnamefirstname"
        | "lastnamefirst" | "paciente" | "nombrecompleto" | "nombredelpaciente" | "nombreyapellido" | "nombreyapellidos"
        | "apellidosynombre" | "displayname" => Field::FullName,
        "first" | "firstname" | "fname" | "given" | "givenname" | "givennames" | "forename" | "namefirst" | "nombre" | "nombres"
        | "primernombre" => Field::FirstName,
        "last" | "lastname" | "lname" | "surname" | "family" | "familyname" | "namelast" | "apellido" | "apellidos" | "primerapellido" => {
            Field::LastName
        }
        "dob" | "birthdate" | "dateofbirth" | "birthday" | "born" | "bday" | "birth" | "bdate" | "ptdob" | "fechadenacimiento"
        | "fechanacimiento" | "nacimiento" | "fnac" | "fdn" => Field::BirthDate,
        "language"
        | "lang"
        | "languagecode"
        | "preferredlanguage"
        | "preflanguage"
        | "preflang"
        | "primarylanguage"
        | "languagepreference"
        | "languagepreferred"
        | "languagename"
        | "spokenlanguage"
        | "communicationlanguage"
        | "idioma"
        | "idiomapreferido"
        | "lengua"
        | "lenguaje" => Field::Language,
        "timezone" | "tz" | "zone" | "timezoneid" | "zonahoraria" => Field::Zone,
        "status" | "patientstatus" | "activestatus" | "active" | "isactive" | "estatus" | "activo" => Field::PatientStatus,
        "deceased" | "isdeceased" | "deceaseddate" | "dateofdeath" | "deathdate" | "dod" | "fallecido" | "fechadefallecimiento" => {
            Field::Deceased
        }
        "sensitive" | "issensitive" | "confidential" | "sensitiveflag" | "vip" | "restricted" | "breaktheglass" | "sensible" | "part2" => {
            Field::Sensitive
        }
        _ => return None,
    })
}

fn contact(name: &str) -> Option<Field> {
    Some(match name {
        "mobile" | "mobilephone" | "mobilephonenumber" | "mobilenumber" | "mobileno" | "cell" | "cellphone" | "cellphonenumber"
        | "cellnumber" | "cellno" | "cellular" | "cellularphone" | "phonecell" | "phonemobile" | "mobilecell" | "cellmobile"
        | "smsnumber" | "smsphone" | "textnumber" | "textphone" | "celular" | "movil" | "telefonocelular" | "telefonomovil"
        | "numerodecelular" | "numerocelular" => Field::MobilePhone,
        "phone" | "phonenumber" | "phoneno" | "phone1" | "telephone" | "telephonenumber" | "tel" | "telno" | "primaryphone"
        | "mainphone" | "primaryphonenumber" | "preferredphone" | "bestphone" | "contactphone" | "contactnumber" | "contactphonenumber"
        | "dayphone" | "daytimephone" | "phonedaytime" | "phoneprimary" | "telefono" | "numerodetelefono" | "telefonoprincipal" => {
            Field::Phone
        }
        "homephone" | "homephonenumber" | "hometelephone" | "homenumber" | "phonehome" | "eveningphone" | "telefonodecasa"
        | "telefonocasa" | "telefonoparticular" => Field::HomePhone,
        "proxy"
        | "proxyrelation"
        | "proxyrelationship"
        | "phoneowner"
        | "phonebelongsto"
        | "phonerelation"
        | "phonerelationship"
        | "guardianrelation"
        | "guardianrelationship"
        | "parentesco" => Field::ProxyRelation,
        "proxyphone"
        | "phoneisproxy"
        | "phoneisproxys"
        | "phoneisparents"
        | "phoneisparent"
        | "phoneisguardians"
        | "phoneisguardian"
        | "parentphone"
        | "parentsphone"
        | "isparentphone"
        | "isproxyphone"
        | "phonebelongstoparent"
        | "phonebelongstoproxy"
        | "phonebelongstoguardian" => Field::ProxyPhone,
        _ => return None,
    })
}

fn permission(name: &str) -> Option<Field> {
    Some(match name {
        "consent"
        | "textconsent"
        | "textingconsent"
        | "textconsentgiven"
        | "consenttotext"
        | "consenttotexts"
        | "consenttotexting"
        | "smsconsent"
        | "consentsms"
        | "consenttext"
        | "smsoptin"
        | "textoptin"
        | "optin"
        | "optedin"
        | "oktotext"
        | "okaytotext"
        | "textok"
        | "smsok"
        | "cantext"
        | "allowtext"
        | "allowtexts"
        | "allowsms"
        | "allowtexting"
        | "allowtextmessages"
        | "receivetexts"
        | "receivesms"
        | "textreminders"
        | "smsreminders"
        | "textmessages"
        | "smsenabled"
        | "textenabled"
        | "tcpaconsent"
        | "consentimiento"
        | "consentimientosms"
        | "consentimientodetexto"
        | "aceptamensajes"
        | "aceptasms"
        | "aceptatextos" => Field::TextingConsent,
        "textingrefused" | "textsrefused" | "optout" | "optedout" | "smsoptout" | "textoptout" | "textingoptout" | "smsoptedout"
        | "donottext" | "donotsms" | "notext" | "notexts" | "nosms" | "notexting" | "nottotext" | "smsblocked" | "noenviartextos"
        | "noenviarsms" | "notextos" => Field::TextingRefused,
        "consentdate"
        | "dateofconsent"
        | "consentedat"
        | "consentedon"
        | "consentgivenat"
        | "consentgivenon"
        | "optindate"
        | "smsoptindate"
        | "textoptindate"
        | "optedinat"
        | "optedinon"
        | "textconsentdate"
        | "textingconsentdate"
        | "smsconsentdate"
        | "tcpaconsentdate"
        | "fechadeconsentimiento"
        | "fechaconsentimiento" => Field::ConsentDate,
        "warningaccepted"
        | "acceptedwarning"
        | "phiconsent"
        | "phitextconsent"
        | "phitexting"
        | "unencryptedok"
        | "unencryptedconsent"
        | "unencryptedaccepted"
        | "unencryptedtextsaccepted"
        | "riskaccepted"
        | "acceptsunencrypted"
        | "unencryptedwarningaccepted"
        | "hipaatextconsent"
        | "advertenciaaceptada" => Field::WarningAccepted,
        "warningdate"
        | "warningaccepteddate"
        | "warningacceptedat"
        | "warningacceptedon"
        | "phiconsentdate"
        | "unencryptedconsentdate"
        | "riskaccepteddate"
        | "fechadeadvertencia" => Field::WarningDate,
        "verified"
        | "verifieddate"
        | "verifiedat"
        | "verifiedon"
        | "phoneverified"
        | "phoneverifieddate"
        | "phoneverifiedat"
        | "phoneverifiedon"
        | "numberverified"
        | "numberverifieddate"
        | "mobileverified"
        | "mobileverifieddate"
        | "verificationdate"
        | "fechadeverificacion"
        | "numeroverificado"
        | "telefonoverificado" => Field::VerifiedDate,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_of_many_programs_are_understood() {
        for (heading, field) in [
            ("Patient ID", Field::PatientId),
            ("patient_id", Field::PatientId),
            ("PatientNumber", Field::PatientId),
            ("MRN", Field::PatientId),
            ("Chart #", Field::PatientId),
            ("Acct No.", Field::PatientId),
            ("Pt. Name (Last, First)", Field::FullName),
            ("PATIENT FIRST NAME", Field::FirstName),
            ("Apellidos", Field::LastName),
            ("D.O.B.", Field::BirthDate),
            ("Date of Birth (MM/DD/YYYY)", Field::BirthDate),
            ("Fecha de Nacimiento", Field::BirthDate),
            ("Cell Phone", Field::MobilePhone),
            ("Phone (cell)", Field::MobilePhone),
            ("Teléfono móvil", Field::MobilePhone),
            ("Home Phone", Field::HomePhone),
            ("Patient Preferred Language", Field::Language),
            ("OK to text?", Field::TextingConsent),
            ("SMS Opt-Out", Field::TextingRefused),
            ("Opt-in date", Field::ConsentDate),
            ("Status", Field::PatientStatus),
        ] {
            assert_eq!(Field::of_heading(heading, Kind::Patients), Some(field), "{heading}");
        }
        for (heading, field) in [
            ("ID", Field::AppointmentId),
            ("Appointment ID", Field::AppointmentId),
            ("Appt #", Field::AppointmentId),
            ("Patient ID", Field::PatientId),
            ("Patient", Field::FullName),
            ("Appt Date", Field::VisitDate),
            ("Start Time", Field::VisitTime),
            ("Appointment Date/Time", Field::VisitStart),
            ("starts_at", Field::VisitStart),
            ("Fecha de la cita", Field::VisitDate),
            ("Facility Name", Field::Location),
            ("Visit Type", Field::VisitType),
            ("Appt Status", Field::VisitStatus),
            ("Status", Field::VisitStatus),
            ("DOB", Field::BirthDate),
            ("Mobile", Field::MobilePhone),
        ] {
            assert_eq!(Field::of_heading(heading, Kind::Appointments), Some(field), "{heading}");
        }
    }

    #[test]
    fn a_number_at_work_an_address_and_a_reason_are_not_taken_for_something_else() {
        for heading in [
            "Work Phone",
            "State",
            "Home",
            "Contact relationship",
            "Email",
            "Reason for visit",
            "Duration",
            "Provider",
            "Emergency contact phone",
            "ZIP",
            "",
        ] {
            assert_eq!(Field::of_heading(heading, Kind::Patients), None, "{heading}");
            assert_eq!(Field::of_heading(heading, Kind::Appointments), None, "{heading}");
        }
    }

    #[test]
    fn the_code_of_a_field_is_itself_a_heading_of_it() {
        for field in Field::ALL {
            let kinds: Vec<_> = Kind::ALL.iter().filter_map(|kind| Field::of_heading(field.code(), *kind)).collect();
            assert!(kinds.contains(field), "{}", field.code());
        }
    }
}
