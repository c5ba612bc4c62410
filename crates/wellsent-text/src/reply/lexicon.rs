//! Lists of words that the phrases share. All are folded: small letters, no accents, no apostrophes.

/// The word that a stop sign or a raised hand stands for.
pub(super) const STOP_SIGN: &str = "🛑";
/// The word that a thumb up or a tick stands for.
pub(super) const THUMB_UP: &str = "👍";
/// The word that a thumb down or a cross stands for.
pub(super) const THUMB_DOWN: &str = "👎";

/// Name of the class of polite words.
pub(super) const PAD: &str = "pad";
/// Name of the class of polite pairs, first and second word in turn.
pub(super) const PAD_PAIR: &str = "pad-pair";
/// Name of the class that `~` skips.
pub(super) const DETERMINER: &str = "det";
/// Name of the class of single words that alone end texting.
pub(super) const KEYWORD: &str = "keyword";
/// Name of the class of bare words that end texting but may mean the visit (T-12).
pub(super) const CANCEL_WORD: &str = "cancel-word";
/// Name of the class of words that end texting when alone, but have other uses.
pub(super) const PROBABLE_KEYWORD: &str = "probable-keyword";
/// Name of the class of words with which phones report a liked text.
pub(super) const TAPBACK: &str = "tapback";

/// Keywords that people type without a space, again and again.
pub(super) const REPEATABLE: &[&str] = &["stop", "quit", "cancel", "pare", "unsubscribe"];

/// Name of the class of words of assent that people put in a row ("yes ok 👍").
pub(super) const ASSENT: &str = "assent";

/// The vocabulary by class.
pub(super) const CLASSES: &[(&str, &str)] = &[
    (
        PAD,
        "please pls plz plzz pleas plese pleez thanks thx thnx ty tks thankyou hi hello hey ok okay now already just so \
         and but sorry sir maam mam guys yall asap immediately kindly omg ugh lol yo hola gracias porfa porfavor favor \
         ya disculpe disculpen perdon entonces pues senor senora y doctor doc team everyone seriously anyway",
    ),
    (
        PAD_PAIR,
        "thank you thank u thanks you por favor right now right away good morning good afternoon good evening \
         muchas gracias buenos dias buenas tardes buenas noches god bless for good at once ok so",
    ),
    (
        KEYWORD,
        "stop stops stopall quit end revoke optout unsubscribe unsub cancel remove unenroll arret arreter arretez \
         pare paren alto basta baja cancelar desuscribir desuscribirme desuscribirse detener detengase detenganse parenle \
         стоп",
    ),
    (CANCEL_WORD, "cancel cancelar"),
    (
        ASSENT,
        "yes y yep yeah yea yup ya yess si sip ok okay k kk okey sure fine perfect great absolutely definitely claro perfecto vale \
         correct correcto 👍 confirm confirmed confirmo confirming c sounds good will do agreed affirmative roger got it accept \
         accepted acepto bueno bien",
    ),
    (
        PROBABLE_KEYWORD,
        "para parar detente detenga nomas fin terminar salir eliminar borrar exit delete stopped stoping stopping \
         cancela cancele spam enough desist cease discontinue leave halt",
    ),
    (TAPBACK, "liked loved disliked laughed emphasized questioned reacted gusto encanto encanta reacciono like removed"),
    (
        DETERMINER,
        "the these those this that any all your ur my our of from more such other further a an additional extra daily weekly \
         constant automated automatic auto random annoying fucking freaking damn stupid unsolicited unwanted so many much \
         text txt phone cell sms appointment appt marketing promotional promo office clinic other anymore kind type sort \
         los las el la lo estos estas esos esas sus su tus tu mis mi mas de del otros otro tantos tanto todos todas ningun \
         ninguno ninguna este esta ese esa tipo texto un una unos ya por favor please",
    ),
    (
        "msg",
        "text texts txt txts message messages msg msgs mssg sms reminder reminders notification notifications notice notices \
         alert alerts subscription subscriptions communication communications correspondence spam texting messaging",
    ),
    ("msgs", "texts txts messages msgs sms reminders notifications notices alerts communications text spam"),
    ("list", "list lists lista listas database databases system roster mailing directory chain group program programme contacts thread"),
    ("stop", "stop quit cease discontinue halt end cancel terminate suspend 🛑"),
    (
        "texting",
        "texting txting textin txtin messaging messagin msging contacting bothering harassing harrassing spamming \
         notifying pestering bugging",
    ),
    ("sending", "sending sendin sendn writing emailing reminding alerting annoying messaging"),
    ("text", "text txt message msg contact bother harass spam sms notify pester bug disturb textme"),
    ("texted", "texted contacted messaged notified bothered reminded spammed disturbed contact"),
    ("neg", "dont donot never not dnt wont cant didnt doesnt cannot"),
    ("not", "dont donot never not dnt"),
    ("remove", "remove take delete drop erase scratch get pull strike unlist exclude unsubscribe unenroll"),
    ("delete", "remove delete unlist erase exclude unsubscribe unenroll"),
    ("number", "number numbers phone cell cellphone contact num"),
    ("told", "said replied texted sent typed told asked text txt reply say saying replying texting typing keep"),
    (
        "instruct",
        "reply replying text texting txt respond type typing send sending say says saying said word press put responda responder responde envie enviar mande texto escriba significa dice palabra mean",
    ),
    ("person", "i he she they we ill id hed shed"),
    (
        "appt",
        "appointment appointments appt appts apt visit visits checkup consult consultation session surgery procedure physical exam cleaning screening slot cita citas consulta visita turno",
    ),
    (
        "day",
        "today tomorrow tmrw tmw tomorow monday tuesday wednesday thursday friday saturday sunday mon tues wed thurs fri morning afternoon week hoy manana lunes martes miercoles jueves viernes",
    ),
    (
        "mensaje",
        "mensaje mensajes mensages mensajito mensajitos texto textos recordatorio recordatorios notificacion notificaciones aviso \
         avisos alerta alertas sms comunicaciones suscripcion suscripciones spam",
    ),
    (
        "escriba",
        "escriban escriba escribas escriben escribir texteen textee textees textear contacten contacte contactes contactar molesten \
         moleste molestes molestar molesta notifiquen notifique",
    ),
    ("mande", "manden mande mandes mandar envien envie envies enviar mandeis"),
    (
        "escribirme",
        "escribirme escribirnos escribir textearme textear molestarme molestarnos molestar contactarme contactarnos contactar \
         fastidiar fastidiarme chingar joder fregar notificarme mensajearme",
    ),
    ("mandarme", "mandarme enviarme mandarnos enviarnos mandar enviar mandando enviando mandandome enviandome"),
    ("deje", "deje dejen deja dejar dejes dejo dejaran dejan pare paren parar para paran"),
    (
        "pare",
        "pare paren parar parenle parele parar detener detengan detenga detengan cancelar cancele cancelen cancela cancelo eliminar \
         eliminen desactivar desactiven desactive quitar quiten quite suspender suspendan terminen terminar stop",
    ),
    (
        "quiteme",
        "quiteme quitenme quitame saqueme saquenme sacame borreme borrenme borrame elimineme eliminenme eliminame remuevame \
         remuevanme retireme retirenme quitarme sacarme borrarme eliminarme removerme quitenos saquenos desuscribanme desuscribame",
    ),
    (
        "borre",
        "borren borre borra borrar elimine eliminen elimina eliminar quite quiten quita quitar saquen saque olviden olvide olvida remuevan remueva pierdan",
    ),
    ("numero", "numero telefono celular nombre contacto numeros"),
    ("quiero", "quiero deseo queremos deseamos quisiera necesito requiero acepto quisieramos pienso"),
    // Words that are written like names after "I'm not", but are none.
    (
        "not-name",
        "hispanic latino latina catholic american mexican medicare medicaid spanish english christian jewish black white \
         january february march april may june july august september october november december covid god ok yes no",
    ),
    (
        "english",
        "the please you your my me i im is are will be to of and what when where can do thank thanks yes with for have need \
         want there this that it at appointment texting late not dont its ill see tomorrow help how text number",
    ),
    (
        "spanish",
        "por favor gracias el los las mi cita que de en mensajes mensaje quiero puedo si manana hora es cuando donde muchas \
         ayuda una un mas manden numero equivocado voy estoy tengo su hola buenos buenas dias tardes lista deje dejen pare \
         basta cancelar ya quien soy ir con se le al del pero tambien hoy",
    ),
];

const MISSPELLINGS: &[(&str, &str)] = &[
    ("stpo", "stop"),
    ("sotp", "stop"),
    ("stp", "stop"),
    ("stiop", "stop"),
    ("sttop", "stop"),
    ("tsop", "stop"),
    ("stope", "stop"),
    ("texing", "texting"),
    ("textng", "texting"),
    ("tecting", "texting"),
    ("unsubcribe", "unsubscribe"),
    ("unsuscribe", "unsubscribe"),
    ("unsubscibe", "unsubscribe"),
    ("unsubscride", "unsubscribe"),
    ("unsubsribe", "unsubscribe"),
    ("unsubscrib", "unsubscribe"),
    ("unscribe", "unsubscribe"),
    ("siezure", "seizure"),
    ("sezure", "seizure"),
    ("seizer", "seizure"),
    ("sucide", "suicide"),
    ("suicde", "suicide"),
    ("suiside", "suicide"),
    ("sucidal", "suicidal"),
    ("suisidal", "suicidal"),
    ("pian", "pain"),
    ("brething", "breathing"),
    ("breating", "breathing"),
    ("breathin", "breathing"),
    ("bleading", "bleeding"),
    ("unconcious", "unconscious"),
    ("uncouncious", "unconscious"),
    ("emergancy", "emergency"),
    ("ambulence", "ambulance"),
    ("mesages", "messages"),
    ("messeges", "messages"),
    ("mesage", "message"),
    ("remider", "reminder"),
    ("remiders", "reminders"),
    ("apointment", "appointment"),
    ("appoinment", "appointment"),
    ("appointmnt", "appointment"),
    ("reschedual", "reschedule"),
    ("reshedule", "reschedule"),
    ("recive", "receive"),
    ("recieve", "receive"),
    ("recieving", "receiving"),
    ("mensajez", "mensajes"),
    ("resivir", "recibir"),
    ("recivir", "recibir"),
    ("nesesito", "necesito"),
];

/// The right spelling of a common slip, if `word` is one.
pub(super) fn misspelling(word: &str) -> Option<&'static str> {
    MISSPELLINGS.iter().find(|(wrong, _)| *wrong == word).map(|(_, right)| *right)
}
