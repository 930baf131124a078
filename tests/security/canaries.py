"""Personal data and secrets that no log, metric, problem or document may show."""

INN = "7707083893"
WEBSITE = "https://canary-works.example"
NOTE = "просил не звонить до отпуска канарейка"
CONTACT = {
    "name": "Аркадий Канарейкин",
    "position": "главный инженер",
    "phone": "+7 916 555-44-33",
    "email": "arkadiy.kanareykin@canary-works.example",
}
