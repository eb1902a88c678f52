"""The lists that names, places and messages are drawn from. Telephone numbers are from the ranges kept free for
fiction (ARCEP, Ofcom), addresses on the net from the ranges kept free for documentation and measuring, domains end in
``.example``."""

from __future__ import annotations

FIRST_NAMES = (
    "Adèle Agathe Aimée Alban Albertine Alix Ambroise Anatole Anselme Apolline Armand Aubin Augustine Basile Béatrice "
    "Benoît Bérénice Blanche Camille Capucine Célestin Clarisse Clémence Clotilde Colombe Côme Cyprien Delphine "
    "Désiré Edmée Eloi Emma Ernest Estelle Eugénie Fanny Félicité Ferdinand Firmin Flore Gaspard Gédéon Hector "
    "Henriette Hippolyte Honorine Irène Isaure Jonas Josepha Judith Léon Léontine Lise Lucien Madeleine Mathurin "
    "Maxence Noémie Octave Odette Ombeline Pauline Philomène Prosper Quentin Raphaël Rosalie Séraphine Sidonie "
    "Sixte Suzanne Théodore Ursule Valère Victoire Zélie Abigail Alfred Beatrice Cecil Clara Dorothea Edith Edmund "
    "Eleanor Florence George Harriet Hugh Ivy Jasper Lavinia Mabel Oswald Phoebe Rupert Sybil Winifred Amina Bao "
    "Chidi Dilek Farid Goran Hana Ilse Jorge Kofi Leila Mei Nadia Oleh Priya Rosa Sven Tariq Yuki Zofia"
).split()

LAST_NAMES = (
    "Aubépine Aulne Avoine Bellerive Belleroche Bonnefoy Boisjoli Boutdumonde Bruyère Carrefour Cerisier Chantepie "
    "Chaumière Chèvrefeuille Clairbois Colombier Coquelicot Cornouiller Cressonnière Desbruyères Deschamps Desprairies "
    "Douceval Dubocage Dufour Dujardin Dumoulin Dupré Églantier Épervier Érable Fauvette Fontclaire Fougère "
    "Framboisier Garance Genévrier Girofle Grandpré Hautbois Hêtraie Hirondelle Houblon Jolibois Lagrange Lapierre "
    "Larivière Lavande Lépine Lespinasse Lilas Marguerite Marronnier Merisier Mésange Millepertuis Montclair Muguet "
    "Myrtille Noisetier Orme Ortie Passereau Pâquerette Pervenche Petitbois Peuplier Pinède Prunier Quatrevents "
    "Renoncule Rivebelle Rocaille Romarin Roseraie Rossignol Sablon Sarment Saulnier Sorbier Sureau Tilleul Tournesol "
    "Troène Vallombreuse Verdier Vertval Vigneron Violette Ashgrove Birchall Brookfield Cobblestone Dunmoor "
    "Fernwood Greenhalgh Heathcote Hollyoak Kestrelby Larkspur Meadowcroft Millbrook Nightingale Oakhurst Penhollow "
    "Quillfeather Rowanbank Sedgewick Thistledown Underhill Wetherby Willowmere Yarrow"
).split()

DOMAINS = (
    "courrier boitealettres enveloppe lettre timbre postal messagerie plume encrier pigeon-voyageur mailbox inkwell "
    "postcard letterbox doormat"
).split()
"""Of private mail; organisations have their own."""

STREETS = (
    "rue des Tilleuls;rue du Moulin;chemin des Vignes;avenue de la Gare;place du Marché;impasse des Lilas;"
    "quai des Tanneurs;rue de l’Église;boulevard des Platanes;allée des Cerisiers;route du Lac;passage du Puits"
).split(";")

TOWNS = (
    "44000 Nantes;35000 Rennes;69003 Lyon;33000 Bordeaux;59000 Lille;67000 Strasbourg;31000 Toulouse;13002 Marseille;"
    "34000 Montpellier;76000 Rouen;38000 Grenoble;29200 Brest;1000 Bruxelles;1204 Genève"
).split(";")

TRADES = (
    "Atelier Boulangerie Coopérative Éditions Imprimerie Laboratoire Librairie Menuiserie Pépinière Société Studio "
    "Transports Verrerie Works Labs Partners"
).split()

THINGS = (
    "api blog boutique catalogue crm docs erp forum intranet landing mobile planning portail shop staging stats "
    "support tickets wiki worker"
).split()

PRODUCTS = "postgresql postgresql postgresql mysql mongodb redis elastic cellar cellar pulsar".split()
RUNTIMES = "docker go haskell java node php python ruby rust scala dotnet".split()

PATHS = (
    "/login /login /login /account /account/keys /organisations /applications /applications/deploy /addons "
    "/addons/backups /billing /billing/invoices /support /logout"
).split()

PAGES = (
    "/ / / /pricing /pricing /product/runtimes /product/postgresql /product/cellar /docs/getting-started "
    "/docs/deploy /docs/add-ons /blog /blog/scala-postgresql /company/careers /company/about /security"
).split()

BROWSERS = ("Firefox 115", "Firefox 128", "Firefox 140", "Chrome 131", "Chrome 138", "Safari 17", "Edge 138")
SYSTEMS = ("Linux", "Mac OS", "Windows 10", "Windows 11", "Android", "iOS")
SCREENS = ("1920x1080", "2560x1440", "1366x768", "3840x2160", "390x844", "412x915")
AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
    "troth-hosting-cli/3.4",
    "curl/8.5.0",
)

STRANGERS = ("admin", "root", "test", "administrateur", "postmaster", "jenkins")
"""Logins that somebody tried and nobody has."""

SUBJECTS = (
    "Déploiement bloqué;Facture introuvable;Deployment stuck;Certificat expiré;Cannot restore a backup;"
    "Changer d’adresse de facturation;Latence en soirée;Question about pricing;Ajouter un membre;Lost second factor"
).split(";")

QUESTIONS = (
    "Bonjour, mon application {app} ne démarre plus depuis ce matin. Merci de votre aide.",
    "Hello, the deployment of {app} has been pending for twenty minutes.",
    "Je ne retrouve pas la facture du mois dernier. Pouvez-vous me la renvoyer ?",
    "Could you raise the memory of {app}? We have a launch on Friday.",
    "Le certificat de {app} a expiré, que dois-je faire ?",
    "Nous avons déménagé : l’adresse de facturation est maintenant {address}.",
    "It works again, thank you!",
    "Vous pouvez me rappeler au {phone}, je suis au bureau jusqu’à 18 h.",
    "C’est réglé, merci beaucoup.",
)

ANSWERS = (
    "Bonjour {first}, nous regardons et revenons vers vous.",
    "Hello {first}, the build machine was full; {app} has just been deployed again.",
    "Bonjour {first}, la facture vient de partir vers {email}.",
    "Hello {first}, the backup of last night is being restored.",
    "Bonjour {first}, le certificat se renouvelle seul ; il manquait un enregistrement DNS.",
)

MENTIONS = (
    "Ma collègue {other} n’a plus accès à {app}, pouvez-vous vérifier son compte ?",
    "Please give {other} the same rights as mine on {app}.",
    "{other} a lancé le déploiement, c’est son compte qu’il faut regarder.",
    "I talked to {other} about it; the second factor is on that phone.",
)

STAFF_MENTIONS = (
    "C’est {other} qui avait supprimé la base, voir le journal du 12.",
    "Hello, {other} of your organisation asked us the same yesterday.",
)

ACTIONS = ("page", "page", "page", "page", "search", "download", "outlink")

ASKED = "access access erasure erasure erasure rectification objection portability restriction".split()
REQUESTS = (
    "Bonjour, je souhaite obtenir une copie des données que vous détenez sur moi.",
    "Please erase everything you hold about me.",
    "Mon adresse a changé et votre facture porte toujours l’ancienne.",
    "I object to being counted on your website.",
    "Merci de me confirmer que mon ancien compte n’existe plus.",
)
IDENTITY_CHECKS = ("signed in", "signed in", "link to the address on file", "called back")

RESUMES = (
    "Dix ans d’administration de systèmes Linux, dont quatre d’astreinte.",
    "Backend developer, Scala and Rust, three years in a bank.",
    "Développeuse front-end, accessibilité, associations.",
    "Site reliability, PostgreSQL, some Pulsar; maintains a small linter.",
    "Alternance en sécurité réseau, mémoire sur les pare-feu applicatifs.",
)

RESULTS = ("favorable", "réservé", "défavorable", "strong yes", "not now", None)
