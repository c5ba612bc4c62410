//! Words that say what the number beside them is.

use super::Category;
use super::chunk::View;

/// The words that say what a number is.
pub(super) fn label(view: &View, at: usize) -> Option<Category> {
    let word = view.text.word(at);
    let next = view.word_after(at + 1);
    let before = view.word_before(at);
    Some(match word {
        "mrn" => Category::Mrn,
        "mr" if matches!(view.text.word(at + 1), "#") => Category::Mrn,
        "chart" | "charts" | "record" | "expediente" => Category::Mrn,
        "ssn" | "ss" | "social" | "soc" => Category::Ssn,
        "member" | "subscriber" | "sub" | "miembro" | "policy" | "poliza" | "mbi" | "group" | "grp" | "grupo" | "afiliado"
        | "beneficiary" | "medicaid" | "medicare" | "rxbin" | "pcn" | "bin" => Category::HealthPlan,
        "aetna" | "cigna" | "humana" | "anthem" | "bcbs" | "bluecross" | "kaiser" | "uhc" | "united" | "tricare" | "molina" | "centene"
        | "ambetter" | "oscar" | "insurance" | "plan" | "payer" | "aseguranza" | "seguro"
            if view.after(at + 1, 5, &["id", "number", "no", "#", "num", "numero", "card"]) =>
        {
            Category::HealthPlan
        }
        "acct" | "account" | "acc" | "invoice" | "inv" | "receipt" | "routing" | "visa" | "mastercard" | "amex" | "discover" | "debit"
        | "credit" | "cuenta" | "factura" | "recibo" | "tarjeta" | "statement" | "cheque" | "iban" | "venmo" | "zelle" | "estado" => {
            Category::Account
        }
        "card" if !matches!(before, "insurance" | "medicare" | "medicaid" | "id" | "appointment" | "library" | "member") => {
            Category::Account
        }
        "card" => Category::HealthPlan,
        "patient" | "paciente" if matches!(next, "number" | "no" | "id" | "num" | "numero") => Category::Mrn,
        "check"
            if matches!(view.text.word(at + 1), "#")
                || matches!(next, "number" | "no")
                || view.has(&["paid", "mailed", "cashed", "bounced", "cleared", "wrote"]) =>
        {
            Category::Account
        }
        "license" | "licence" | "lic" | "dl" | "cdl" | "licencia" | "drivers" if !matches!(next, "plate" | "plates") => Category::License,
        "plate" | "plates" | "placa" | "placas" | "vin" | "matricula" | "patente" => Category::Vehicle,
        "tag" if view.has(&["car", "truck", "jeep", "van", "suv", "parked", "parking", "tow", "towed", "spot", "valet", "sedan"]) => {
            Category::Vehicle
        }
        "serial" | "sn" | "imei" | "udi" | "serie" | "fob" | "tag" => Category::Device,
        "s" if view.text.word(at + 1) == "/" && view.text.word(at + 2) == "n" => Category::Device,
        "pump" | "device" | "pacemaker" | "monitor" | "tablet" | "ipad" | "loaner" | "scooter" | "handheld" | "scanner" | "pager"
        | "walker" | "wheelchair" | "cuff" | "dexcom" | "transmitter" | "sensor" | "cpap" | "implant" | "lot" => Category::Device,
        "confirmation" | "conf" | "confirm" | "confirmacion" | "ref" | "reference" | "referencia" | "order" | "orden" | "pedido"
        | "tracking" | "rastreo" | "claim" | "claims" | "reclamo" | "rx" | "prescription" | "receta" | "case" | "caso" | "ticket"
        | "boleto" | "voucher" | "vale" | "pass" | "pase" | "reservation" | "reservacion" | "reserva" | "booking" | "username"
        | "usuario" | "locker" | "passport" | "pasaporte" | "folio" | "comprobante" | "package" | "paquete" | "parcel" | "ups" | "usps"
        | "fedex" | "dhl" | "auth" | "authorization" | "autorizacion" | "referral" | "request" | "rma" | "shipment" | "registration"
        | "badge" | "dea" | "npi" | "specimen" | "accession" | "sample" | "kit" | "donor" | "guia" | "incident" | "envio" => {
            Category::OtherId
        }
        "id" => own_id(view, at),
        "user" | "portal" if matches!(next, "name" | "user" | "id") => Category::OtherId,
        "login" | "handle" | "screenname" => Category::OtherId,
        _ => return None,
    })
}

fn own_id(view: &View, at: usize) -> Category {
    let insured = &[
        "member",
        "insurance",
        "plan",
        "aetna",
        "cigna",
        "humana",
        "anthem",
        "bcbs",
        "medicare",
        "medicaid",
        "group",
        "subscriber",
        "kaiser",
    ];
    if view.before(at, 6, insured) {
        return Category::HealthPlan;
    }
    if view.before(at, 3, &["patient", "chart"]) {
        return Category::Mrn;
    }
    if view.before(at, 3, &["user", "portal", "login", "tracking"]) { Category::OtherId } else { Category::License }
}

/// Words that may stand between the label and the number.
pub(super) const BETWEEN: &[&str] = &[
    "is",
    "are",
    "was",
    "es",
    "son",
    "number",
    "numbers",
    "no",
    "num",
    "numero",
    "id",
    "ids",
    "ending",
    "ends",
    "end",
    "in",
    "with",
    "termina",
    "terminada",
    "terminacion",
    "en",
    "on",
    "file",
    "the",
    "my",
    "mi",
    "de",
    "del",
    "of",
    "a",
    "card",
    "code",
    "cod",
    "codigo",
    "name",
    "user",
    "nombre",
    "now",
    "ahora",
    "las",
    "los",
    "starting",
    "sn",
    "serial",
    "tag",
    "plate",
    "license",
    "last",
    "four",
    "4",
    "reads",
    "says",
    "ssn",
    "social",
    "security",
    "digits",
    "seguro",
    "visitor",
    "for",
    "x",
    "back",
    "state",
    "texas",
    "ohio",
    "and",
    "y",
    "mrn",
    "request",
    "grp",
    "group",
    "portal",
    "cuff",
    "tablet",
    "phone",
    "scale",
    "whole",
    "its",
];

/// Words beside a licence plate.
pub(super) const CARS: &[&str] = &[
    "honda",
    "toyota",
    "camry",
    "civic",
    "corolla",
    "ford",
    "chevy",
    "kia",
    "nissan",
    "tesla",
    "jeep",
    "subaru",
    "hyundai",
    "buick",
    "bmw",
    "audi",
    "car",
    "truck",
    "van",
    "suv",
    "sedan",
    "valet",
    "accord",
    "altima",
    "prius",
    "rav4",
    "carro",
    "camioneta",
    "lexus",
    "mazda",
    "minivan",
    "volvo",
    "dodge",
];
