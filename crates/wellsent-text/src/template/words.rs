//! The word lists behind the judge. Terms stand between commas, folded to lower case without accents; a trailing `*`
//! matches any ending of its word. English and Spanish stand together unless a word means different things.

/// Subjects that never go by SMS (T3).
pub(super) const NEVER_WORDS: &str = "\
    hiv, vih, sida, std, stds, sti, stis, chlamydia, clamidia, gonorrhea, gonorrea, syphilis, \
    sifilis, herpes, hpv, vph, sexually transmitted, transmision sexual, substance abuse, \
    substance use, addiction*, adiccion*, alcoholism*, detox*, desintoxicacion, opioid*, \
    opioide*, abortion*, aborto*, malignan*, maligno*, maligna*, brca*, genetic test*, genetic \
    result*, prueba genetica, psychotherapy note*, therapy notes, notas de psicoterapia, \
    social security, seguro social, ssn";

/// Specialties and departments.
pub(super) const SPECIALTY_WORDS: &str = "\
    oncolog*, cardiolog*, dermatolog*, psychiatr*, psiquiatr*, psycholog*, psicolog*, \
    psychotherap*, psicoterap*, behavioral health, mental health, salud mental, salud \
    conductual, urolog*, gynecolog*, ginecolog*, obstetric*, ob gyn, obgyn, pediatric*, \
    orthop*, ortoped*, neurolog*, gastroenterolog*, endocrinolog*, rheumatolog*, reumatolog*, \
    nephrolog*, nefrolog*, pulmonolog*, neumolog*, hematolog*, fertility, fertilidad, \
    reproductive, hospice, oncology, infectious disease*, pain clinic, pain management, weight \
    loss, women s health, planned parenthood, recovery center, rehab*, podiatr*, podolog*, \
    ophthalmolog*, oftalmolog*, audiolog*, radiolog*, memory care";

/// Medicines, and words that point to one.
pub(super) const MEDICINE_WORDS: &str = "\
    prescription*, refill*, medication*, medicamento*, receta*, pharmac*, farmacia*, pill, \
    pills, pastilla*, dose, dosis, inhaler*, inhalador*, insulin*, antibiotic*, metformin*, \
    lisinopril*, atorvastatin*, levothyroxine, levotiroxina, amlodipin*, metoprolol, omepra*, \
    losartan, albuterol, prozac, zoloft, sertralin*, fluoxetin*, lexapro, escitalopram, \
    wellbutrin, bupropion, warfarin*, prednison*, amoxicillin, amoxicilina, ozempic, wegovy, \
    semaglutid*, mounjaro, viagra, sildenafil, truvada, prep pill, lithium, litio, seroquel, \
    quetiapin*, gabapentin*, birth control, anticonceptiv*, vaccin*, vacuna*, flu shot, \
    immuniz*, inmuniz*";

/// Tests and results.
pub(super) const RESULT_WORDS: &str = "\
    lab, labs, lab result*, laborator*, results, result, resultado*, a1c, blood test*, blood \
    work, bloodwork, blood pressure, blood sugar, presion arterial, azucar en la sangre, \
    examen de sangre, analisis de sangre, glucos*, cholesterol, colesterol, pap, pap smear, \
    papanicolau, mammogra*, mamogra*, biops*, ultrasound*, ultrasonido*, ecografia*, mri, ct \
    scan*, pet scan*, x ray*, xray*, radiografia*, resonancia*, screening*, pregnancy test*, \
    urine test*, psa, ekg, ecg, patholog*, patologia*, diagnos*";

/// Procedures and treatments.
pub(super) const TREATMENT_WORDS: &str = "\
    colonoscop*, endoscop*, surger*, surgical*, cirugia*, operacion, chemo*, quimio*, \
    radiation, radioterapia, dialysis, dialisis, therapy, therapies, therapist*, terapia*, \
    terapeuta*, counsel*, consejeria, ivf, transfusion*, infusion*, anesthes*, anestesia*, \
    botox, liposuction, vasectom*, root canal, endodoncia, post op, postop*, pre op, preop*, \
    circumcis*, cesarean*, cesarea*, catheter*, stent*, transplant*, trasplant*, acupunctur*, \
    acupuntur*";

/// Conditions and symptoms.
pub(super) const CONDITION_WORDS: &str = "\
    cancer*, tumor*, diabet*, hypertens*, hipertens*, asthma*, asma, covid*, infection*, \
    infeccion*, depress*, depresion, anxiety, ansiedad, adhd, autis*, bipolar, schizo*, \
    esquizo*, pregnan*, embaraz*, prenatal*, miscarr*, dementia, demencia, alzheimer*, \
    parkinson*, epilep*, seizure*, stroke*, arthrit*, artrit*, hepatit*, tubercul*, pneumon*, \
    neumonia, influenza, migrain*, migran*, eczema, psorias*, anemi*, obes*, wound*, herida*, \
    fracture*, fractura*, symptom*, sintoma*, copd, epoc, menopaus*, incontinen*, eating \
    disorder*, suicid*";

/// Promotion in English (T-01).
pub(super) const MARKETING_EN_WORDS: &str = "\
    % off, percent off, discount*, special offer*, offer, offers, sale, on sale, coupon*, \
    promo, promos, promotion*, limited time, free consult*, free gift*, for free, free trial, \
    gift card*, giveaway*, raffle*, win a, refer a friend, referral bonus, buy, best price*, \
    great deal*, deals, save up, save $, act now, don t miss, new service*, now offering, \
    whitening, members only, loyalty, 5 star*, five star*, google review*, leave us a review, \
    yelp";

/// Promotion in Spanish (T-01).
pub(super) const MARKETING_ES_WORDS: &str = "\
    % de descuento, descuento*, oferta*, promocion*, promo, rebaja*, cupon*, gratis, regalo*, \
    sorteo*, tiempo limitado, compre, ahorre, aproveche, mejor precio, precios bajos, \
    recomiende a un amigo, tarjeta de regalo, nuevo servicio, nuevos servicios, \
    blanqueamiento, resena en google";

/// Payment.
pub(super) const BILLING_WORDS: &str = "\
    $, balance, statement, statements, payment*, pay, pay your, bill, bills, billing, \
    invoice*, copay*, co pay*, amount due, you owe, owed, past due, outstanding, deductible, \
    saldo*, pago, pagos, pague, pagar, factura*, estado de cuenta, copago*, deuda*, debe \
    usted, monto";

/// The tone of a debt collector (C-12).
pub(super) const DEBT_WORDS: &str = "\
    past due, overdue, delinquen*, final notice, last notice, collection, collections, \
    collector*, debt*, legal action, credit report*, credit score, deuda*, cobranza*, vencid*, \
    moros*, ultimo aviso, accion legal";

/// Controlled drugs, by generic and brand name (C-12).
pub(super) const CONTROLLED_WORDS: &str = "\
    adderall, ritalin*, vyvanse, concerta, methylphenidate, metilfenidato, amphetamine*, \
    anfetamina*, dexedrine, focalin, xanax, alprazolam, ativan, lorazepam, klonopin, \
    clonazepam, valium, diazepam, ambien, zolpidem, lunesta, oxycodone, oxicodona, oxycontin, \
    percocet, vicodin, hydrocodone, hidrocodona, norco, dilaudid, hydromorphone, morphine, \
    morfina, codeine, codeina, fentanyl, fentanilo, tramadol, tapentadol, methadone, metadona, \
    suboxone, subutex, buprenorphine, buprenorfina, sublocade, ketamine, ketamina, \
    testosterone, testosterona, phentermine, fentermina, marijuana, mariguana, marihuana, \
    cannabis, cbd, thc, lyrica, pregabalin*, soma, modafinil";
