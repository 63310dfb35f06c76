"""The words by which passive verbs are told from others that look the same, in lower case."""

from plugins.sentences import words

DEPONENT = words(
    """
    andas andades avundas avundades begäras behövas behövs behövdes bitas blygas brottas brottades brås båtas
    enas enades envisas fattas fattades finnas finns fanns funnits fordras färdas färdades gläds
    glädjas gladdes handskas hjälpas hoppas hoppades hoppats hämnas hörs höras hördes jäktas
    kramas kräkas kräks kändes kännas känns känts lyckas lyckades lyckats låtsas låtsades läggas leds
    ledsnas levas minnas minns mindes minskas misslyckas misslyckades misslyckats missunnas
    mötas möts möttes mötts märkas märks märktes nalkas nappas nås närmas pussas rymmas ryms rymdes rymts räckas
    råkas råkades samlas samlades samlats samsas samsades ses setts sågs skiljas skiljs skildes skämmas skäms
    skämdes slåss slogs slagits slutas sluts snålas spridas sprids spreds svettas synas syns syntes synts
    täckas tampas trivas trivs trivdes trivts trängas trängs trängdes trätas tvistas tyckas tycks
    tycktes tyckts träffas träffades träffats tävlas umgås umgicks umgåtts undgås utvecklas utvecklades utvecklats
    verkas vistas vistades vistats vändas väntas väcks väckas åldras åldrades åldrats åsamkas
    återfinnas återfinns återfanns ångras åtföljs förändras förändrades förändrats förbättrades förbättras
    försämras försämrades ökas ökades minskades kallas kallades kallats heter födas föds föddes fötts följas följs
    följdes tjockas
    """
)
"""Verbs that always end in -s, that mean each other, or that happen by themselves: nobody else is left out."""

NO_VERBS = words(
    """
    deras fleras operas kameras koleras allas andras bådas mångas kalas atlas ananas andreas tobias elias jonas lukas
    mattias tomas thomas niklas nicklas klas jeremias texas plats sats mats vits kredits mandats resultats privats
    således alldeles särdeles mestadels mercedes diabetes förgäves bådas stadgas ligas
    """
)
"""Words of the same endings that are none."""

AUXILIARIES = words(
    """
    ska skall skulle kan kunde kunna måste bör borde får fick få behöver behövde behöva att ha böra lär torde kunnat
    behövt velat
    """
)
SUPINE_AUXILIARIES = words(
    """
    har hade ha haft
    """
)
STEPS_OVER = words(
    """
    inte också även redan alltid aldrig nu sedan därefter då ofta bara fortfarande alltså därför dock mycket helt
    snart successivt löpande slutligen äntligen senare genast direkt enbart endast både
    tidigare
    """
)
"""Adverbs that may stand between an auxiliary and its verb."""

BECOME = words(
    """
    bli blir blev blivit
    """
)
FEELINGS = tuple(
    sorted(
        words(
            """
            deprimera engagera etablera fascinera frustrera genera imponera inspirera intressera irritera komplicera
            motivera provocera chockera
            """
        )
    )
)
"""Beginnings of participles that tell how somebody is rather than what somebody did to them."""

_STEMS = {
    "beslutad": "beslutat beslutade", "beviljad": "beviljat beviljade", "behandlad": "behandlat behandlade",
    "genomförd": "genomfört genomförda", "utförd": "utfört utförda", "vald": "valt valda", "utsedd": "utsett utsedda",
    "antagen": "antaget antagna", "avslagen": "avslaget avslagna", "nekad": "nekat nekade", "kallad": "kallat kallade",
    "tillfrågad": "tillfrågat tillfrågade", "inbjuden": "inbjudet inbjudna", "uppsagd": "uppsagt uppsagda",
    "godkänd": "godkänt godkända", "flyttad": "flyttat flyttade", "byggd": "byggt byggda", "stängd": "stängt stängda",
    "betald": "betalt betalda", "anställd": "anställt anställda", "utredd": "utrett utredda", "lagd": "lagt lagda",
    "ändrad": "ändrat ändrade", "avbruten": "avbrutet avbrutna", "uppskjuten": "uppskjutet uppskjutna",
    "förd": "fört förda", "bedömd": "bedömt bedömda", "dömd": "dömt dömda", "avgjord": "avgjort avgjorda",
    "använd": "använt använda", "anmäld": "anmält anmälda", "kontaktad": "kontaktat kontaktade",
}  # fmt: skip
PARTICIPLES = frozenset(word for stem, others in _STEMS.items() for word in (stem, *others.split()))

PRESENT = words(
    """
    anges anmäls anses anställs ansöks antas anvisas används avbryts avgörs avges avhjälps avslås avslutas
    avstyrks bedöms bedrivs begärs behandlas beaktas bekostas bereds beräknas beskrivs beslutas bestäms betalas
    beviljas bjuds byggs byts bärs delas delges diskuteras döms erbjuds ersätts fastslås fastställs flyttas
    fråntas fördelas föreläggs föreslås förbereds förbjuds förläggs förordnas förs förutsätts försörjs förvaltas
    genomförs ges godkänns granskas grävs görs hanteras hyrs hålls hämtas hänförs hänskjuts hänvisas inbjuds
    inleds inhämtas inrättas införs införskaffas inkluderas installeras klassas kompletteras kontrolleras krävs
    köps lagras lämnas läggs läses löses mäts målas meddelas nämns nekas noteras omfattas ombeds omprövas ordnas
    prövas publiceras påbörjas påförs redovisas regleras repareras renoveras rivs sammanställs sammanförs sköts
    sägs säljs säkerställs sänds sätts skickas skrivs skyddas skapas ställs stängs startas stöds styrs tas testas
    tillfrågas tillgodoses tilldelas tillhandahålls tillsätts tillämpas tillvaratas tilläggs tillförs tvingas
    upphandlas upphävs upplåts upprättas uppmanas utarbetas utbetalas utdelas utfärdas utförs utgörs utreds utses
    utvärderas utökas underrättas undersöks uttalas visas vidtas väljs vägs värderas åläggs åtgärdas återkallas
    återbetalas återförs överförs överklagas överlämnas överlåts övervägs översätts omvandlas
    """
)
"""Present passives of what authorities do; others are recognized by their surroundings alone."""
