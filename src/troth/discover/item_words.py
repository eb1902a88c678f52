"""The words by which columns are known to hold something personal, or not, in English and French, as data.

Names are compared in the plain form of ``naming.py``. ``WEAK`` patterns count only beside something stronger: a
``name`` is a person's where the table holds people, a ``city`` is part of an address where there is a street.
"""

from __future__ import annotations

ITEMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("email", (
        "email", "e_mail", "*_email", "*_email_address", "email_address*", "emails", "mail", "*_mail", "courriel*",
        "*_courriel", "adresse_mail", "unconfirmed_email", "email_to", "email_from", "mel",
    )),
    ("phone", (
        "phone", "phone[0-9]", "*_phone", "phone_number*", "*_phone_number", "telephone*", "*_telephone", "tel",
        "tel_*", "*_tel", "mobile", "mobile_*", "*_mobile", "cell_phone*", "fax", "fax_*", "*_fax", "portable",
        "gsm", "msisdn", "whatsapp*", "sms_number", "*verification_number",
    )),
    ("name", (
        "{first,last,middle,full,given,family,maiden,birth,nick,sur,preferred,display,legal,real,second}_name",
        "{first,last,full,sur,fore,nick,middle}name", "*_{first,last,full}_name", "*_{first,last}name",
        "{contact,customer,client,patient,sender,recipient,author,holder,owner,buyer,user,card_holder}_name",
        "cardholder*", "prenom*", "*_prenom", "nom_{de_famille,famille,naissance,usage,jeune_fille,complet}",
        "patronyme", "initials", "signatory*", "correspondent",
        "{payee,person,beneficiary,employee,member,guest,applicant,parent,driver}_name",
    )),
    ("address", (
        "address", "address[0-9]", "address_[0-9]", "address_line*", "addressline*", "*_address", "*_address[0-9]",
        "street*", "*_street", "house_number", "zip", "zip_code", "zipcode", "*_zip", "*_zip_code", "*_zipcode",
        "postal_code*",
        "*_postal_code", "postcode", "post_code", "postal_address", "po_box", "postbox", "address_care_of",
        "adresse*", "*_adresse", "rue", "code_postal", "numero_voie", "voie", "lieu_dit", "complement_adresse",
        "lettre_box",
    )),
    ("birth", (
        "birth_date", "birthdate", "date_of_birth", "dob", "birthday*", "born_{on,at}", "birth_{day,month,year}",
        "year_of_birth", "place_of_birth", "birthplace", "birth_place", "date_{de_naissance,naissance}", "ne_le",
        "lieu_{de_naissance,naissance}", "annee_naissance",
    )),
    ("gender", (
        "gender*", "sex", "sexe", "civilite", "civility", "salutation", "honorific*", "pronouns",
    )),
    ("nationality", (
        "nationality*", "citizenship", "nationalite*",
    )),
    ("ip", (
        "ip", "ips", "*_ip", "ip_address*", "*_ip_address", "ip_addr*", "remote_{addr,ip,host}", "adresse_ip",
        "ipv[46]",
    )),
    ("user_agent", (
        "user_agent*", "*_user_agent", "browser", "http_user_agent",
    )),
    ("location", (
        "latitude", "longitude", "*_{latitude,longitude,lat,lng}", "lat", "lng", "lon", "coordinates", "gps*",
        "geolocation*", "geo_{point,location}",
    )),
    ("login", (
        "login", "username", "user_name", "screen_name", "nick", "identifiant", "pseudo", "login_name", "handle",
    )),
    ("password", (
        "password", "*password_{digest,hash}", "*_password", "passwd", "pwd", "passphrase", "crypted_password",
        "mot_de_passe", "mdp", "pass", "user_pass", "hashed_password",
    )),
    ("token", (
        "token", "*_token", "*_tokens", "token_*", "api_key*", "*_api_key", "*secret", "*_secret_*", "access_key*",
        "*salt", "otp_*", "*_otp", "*backup_codes", "*recovery_code*", "two_factor_*", "session_id", "session_key",
        "perishable_token", "remember_me*", "*_cookie", "private_key*", "serialized_private_key",
    )),
    ("picture", (
        "avatar*", "*_avatar", "photo", "photo_*", "picture*", "portrait", "profile_{image,picture,photo}*",
        "headshot", "image_url*", "signature", "*_signature", "signature_base64",
    )),
    ("bank", (
        "iban*", "*_iban", "bic", "swift*", "bank_*", "rib", "*account_number", "sort_code", "routing_number",
    )),
    ("card", (
        "card_number*", "*_card_number", "cc_number", "pan", "*last4", "*last_four*",
        "card_{last*,exp*,brand,holder}", "credit_card*",
    )),
    ("tax_id", (
        "vat_number", "vat_id", "tax_{id,number}", "id_number", "vat", "tva*", "numero_tva", "siret", "siren",
    )),
    ("national_id", (
        "ssn*", "social_security*", "nir", "numero_secu*", "numero_ss", "passport*", "national_id*", "id_card*",
        "driver*_licen[cs]e*", "nino", "ahv*", "j_s_number", "fiscal_code",
    )),
    ("salary", (
        "salary", "*_salary", "wage*", "salaire*", "income", "revenu*", "hourly_rate",
    )),
    ("health", (
        "blood_type", "allerg*", "medical*", "diagnos*", "health_*", "handicap*", "disabilit*", "sante*",
        "medication*",
    )),
    ("external_id", (
        "*{facebook,google,apple,twitter,github,gitlab,linkedin,stripe,paypal,microsoft,slack}*_id",
        "*_{customer,subscriber}_reference", "oauth_{uid,user_id}", "diaspora_handle", "diaspora_id", "keybase*",
        "*_username", "*_profile_url", "guid_facebook", "linkedin*", "twitter*", "facebook*", "skype*", "telegram*",
        "open_id*", "oauth_subject",
    )),
    ("device", (
        "device_{id,token,name,uuid,fingerprint}", "mac_address", "imei", "fingerprint", "advertising_id",
        "push_token", "visitor_id", "visitor_token", "*tracking_id", "cookie_id",
    )),
    ("activity", (
        "last_{login,sign_in,seen,active,activity,request,visit,access,connection}*", "current_{login,sign_in}*",
        "*_{last_seen,last_read,last_login}*", "failed_attempts", "sign_in_count", "login_count",
        "derniere_connexion", "date_connexion",
    )),
)  # fmt: skip
"""Item → patterns; the first item that fits wins. ``TYPES`` says in which kinds of columns."""

WEAK: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("name", (
        "name", "nom", "label_name", "company_name", "title_name", "additional_name",
    ), "people"),
    ("address", (
        "city", "town", "ville", "commune", "district", "county", "region", "*housenumber",
        "*_{city,town,country,region,postbox,address_care_of}", "state_province", "province", "country",
        "pays", "line[1-9]", "line_[1-9]",
    ), "address"),
    ("tax_id", ("tax_code",), "people"),
    ("picture", (
        "image", "image_*", "icon", "header_image",
    ), "people"),
)  # fmt: skip
"""Item, patterns, and what they need beside them: a table of people, or a strong part of an address."""

TYPES: dict[str, frozenset[str]] = {
    "birth": frozenset({"date", "datetime", "datetime_tz", "number", "other", "text"}),
    "ip": frozenset({"bytes", "network", "number", "other", "text"}),
    "location": frozenset({"number", "other", "text"}),
    "activity": frozenset({"date", "datetime", "datetime_tz", "number", "text"}),
    "salary": frozenset({"number", "text"}),
    "picture": frozenset({"bytes", "other", "text"}),
    "health": frozenset({"boolean", "json", "number", "text"}),
    "external_id": frozenset({"number", "text", "uuid"}),
    "phone": frozenset({"number", "other", "text"}),
    "token": frozenset({"bytes", "other", "text", "uuid"}),
    "gender": frozenset({"number", "other", "text"}),
    "national_id": frozenset({"number", "text"}),
    "bank": frozenset({"text"}),
    "device": frozenset({"text", "uuid"}),
    "nationality": frozenset({"other", "text"}),
}
"""Kinds of columns that can hold the item; ``USUAL_TYPES`` when it is not here."""
USUAL_TYPES = frozenset({"text", "other"})

NEVER = (
    "*_{count,type,status,enabled,verified,confirmed,required,visible,format,template,templates}",
    "*_{locale,class,mode,level,label,hint,policy,settings,frequency,position,size,width,height}",
    "*_{content_type,file_size,subject,body}", "{has,is,show,hide,send,allow,use,enable,require,can,should}_*",
    "{ip,email,phone,address}_{domain,blacklist,whitelist,type,kind}", "*_{at,on}",
)  # fmt: skip
"""Names that only sound like an item: ``email_count``."""

FREE_TEXT = (

    "{terms,footer,meta,metadata,settings,preferences,parameters,params,headers,backup,line_items,custom_data,options_data}",
    "*_{terms,footer,meta,metadata,settings,preferences,parameters,params,headers,backup,data,log,xml}", "raw_*",
    "log", "object_repr",
    "motto", "custom_value*", "custom_field*", "purpose*", "*_purpose", "location", "titre_*", "*_title",
    "{body,content,contents,text,message,messages,description,descriptions,note,notes,comment}",
    "{comments,bio,about,about_me,summary,remark,remarks,remarque,remarques,commentaire}",
    "{commentaires,observation,observations,texte,contenu,subject,title,titre,objet,reason}",
    "{feedback,question,answer,answers,details,data,payload,object,object_changes,changes}",
    "{audited_changes,properties,search_text,headline,motif,reponse,instructions,response}",
    "{excerpt,transcript,additional_information,other,extra}",
    "*_{note,notes,comment,comments,message,text,description,bio,body,reason,html,answer,content}",
    "*_{information}", "{public,private,internal,admin,custom}_*note*",
)  # fmt: skip
"""Texts in which people write, and may name others."""

CODES = (
    "*_currency", "upc", "*_sku", "*filepath",
    "utm_*", "*_error", "error*", "*_reference", "website*", "logo*", "disk", "subdomain", "platform", "*_identifier",
    "tax_name[0-9]", "*filetype", "*page_size", "paper_size", "*_attrs", "*_attributes", "*_ids", "nonce",
    "*_originator", "backend", "root", "choices", "visibility", "cost*", "*_slip", "*_position", "*_challenge",
    "origin", "heading", "mid",
    "{slug,locale,lang,language,timezone,time_zone,theme,colou?r,mime_type,content_type}",
    "{file_name,filename,file_type,path,url,uri,link,href,domain,hostname,checksum,hash,sha*,md5}",
    "{etag,format,encoding,currency*,code,key,unit,size,scope,scopes,queue,environment}",
    "{permissions,role,roles,category,country*,region,priority,severity,method,action,event}",
    "{controller,provider,source,driver,service,model,class,icon,css,layout,template,tag,tags}",
    "{level,mode,frequency,signature_algorithm,extension,langue,couleur,devise,guid,number}",
    "{reference,ref,permalink,namespace,sort*,order*,filter*,interface_language,rule,rules,plan}",
    "{product_*,sku,barcode,isbn,version,label,labels,position,row_order}",
    "*_{slug,locale,language,type,types,format,code,key,keys,url,uri,path,color,colour,mode,class}",
    "*_{version,scope,status,state,kind,level,file_name,content_type,hash,checksum,number,unit}",
    "*_{zone,method,role,setting,settings,style,option,options,model,table,column,field,fields}",
    "*_{label,labels,list,format,rate,rates,guid,uuid,provider,theme,template}",
    "{type,font*,color*,css*,gateway_key,config}",
)  # fmt: skip
"""Settings, codes and files: no person's, whatever they hold."""
